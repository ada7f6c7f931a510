-- Give each statement of this transaction so much time; the settings until now come back.
-- The inner query is not flattened: it reads the settings before the outer one sets them.
SELECT s.statement_timeout, s.enable_sort, s.jit,
       set_config('statement_timeout', %s::text, true)
  FROM (SELECT current_setting('statement_timeout') AS statement_timeout,
               current_setting('enable_sort') AS enable_sort,
               current_setting('jit') AS jit
        OFFSET 0) AS s
