-- What this connection's role could change history with; no row for a hardened one.
SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
 UNION ALL
SELECT 'may create roles' FROM pg_roles WHERE rolname = current_user AND rolcreaterole
 UNION ALL
SELECT 'is, or is a member of, the owner of ' || c.relname
  FROM pg_class AS c
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = ANY (%(tables)s::text[])
   AND pg_has_role(c.relowner, 'MEMBER')
 UNION ALL
SELECT 'is, or is a member of, the owner of the schema ' || n.nspname
  FROM pg_namespace AS n
 WHERE n.oid = quote_ident(current_schema())::regnamespace AND pg_has_role(n.nspowner, 'MEMBER')
 UNION ALL
SELECT 'is, or is a member of, the owner of ' || p.proname || '()'
  FROM pg_proc AS p
 WHERE p.pronamespace = quote_ident(current_schema())::regnamespace
   AND starts_with(p.proname, 'eventstore_')
   AND pg_has_role(p.proowner, 'MEMBER')
 UNION ALL
SELECT 'may ' || p.privilege || ' ' || c.relname
  FROM pg_class AS c,
       unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p(privilege)
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = ANY (%(tables)s::text[])
   AND (has_table_privilege(c.oid, p.privilege)
        OR p.privilege IN ('INSERT', 'UPDATE')
           AND has_any_column_privilege(c.oid, p.privilege))
 UNION ALL
SELECT 'may set the sequence ' || c.relname
  FROM pg_class AS c
 WHERE c.oid = pg_get_serial_sequence(
           quote_ident(current_schema()) || '.stored_domain_events', 'position')::regclass
   AND has_sequence_privilege(c.oid, 'USAGE, UPDATE')
 UNION ALL
SELECT 'may call ' || p.proname || '()'
  FROM pg_proc AS p
 WHERE p.pronamespace = quote_ident(current_schema())::regnamespace
   AND starts_with(p.proname, 'eventstore_')
   AND p.proname <> ALL (%(doors)s::text[])
   AND has_function_privilege(p.oid, 'EXECUTE')
