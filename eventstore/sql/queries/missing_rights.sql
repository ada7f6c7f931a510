-- What this connection's role lacks: tables and functions that came after the hardening.
SELECT 'may not SELECT from ' || c.relname
  FROM pg_class AS c
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relkind IN ('r', 'p')
   AND c.relowner = (
       SELECT e.relowner FROM pg_class AS e
        WHERE e.relnamespace = c.relnamespace AND e.relname = 'stored_domain_events')
   AND NOT starts_with(c.relname, 'eventstore_import')
   AND NOT has_table_privilege(c.oid, 'SELECT')
 UNION ALL
SELECT 'may not call ' || p.proname || '()'
  FROM pg_proc AS p
 WHERE p.pronamespace = quote_ident(current_schema())::regnamespace
   AND p.proname = ANY (%s::text[])
   AND NOT has_function_privilege(p.oid, 'EXECUTE')
