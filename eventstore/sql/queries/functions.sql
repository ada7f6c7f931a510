-- The store's functions as the database has them.
SELECT p.proname::text, p.prosrc, p.prosecdef,
       COALESCE(array_to_string(p.proconfig, ' '), '') LIKE '%%search_path=%%'
  FROM pg_proc AS p
 WHERE p.pronamespace = quote_ident(current_schema())::regnamespace
   AND starts_with(p.proname, 'eventstore_')
