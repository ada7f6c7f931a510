-- The positions of events whose payload contains a JSON object, as many as are looked at.
SELECT event_position
  FROM eventstore_contains_v1(%(tenants)s::text[], %(contained)s::jsonb, %(after)s::bigint,
                              %(up_to)s::bigint, %(limit)s::integer)
