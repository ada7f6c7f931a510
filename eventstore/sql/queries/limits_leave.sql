-- Give the settings of a transaction that goes on their values back.
SELECT set_config('statement_timeout', %s::text, true),
       set_config('enable_sort', %s::text, true),
       set_config('jit', %s::text, true)
