-- Give the outer block its scope back.
SELECT set_config('eventstore.tenants', %s::text, true)
