-- The roles that own the store's tables, its append functions and its redaction.
SELECT pg_get_userbyid(c.relowner)::text,
       pg_get_userbyid(a.proowner)::text,
       pg_get_userbyid(r.proowner)::text
  FROM pg_class AS c
  JOIN pg_proc AS a ON a.oid = 'eventstore_append_one_v1'::regproc
  JOIN pg_proc AS r ON r.oid = 'eventstore_redact_v1'::regproc
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = 'stored_domain_events'
