-- Of each table: whether row-level security is on, whether it binds this connection's role,
-- and which roles its policies confine and let through.
SELECT c.relname::text,
       c.relrowsecurity,
       row_security_active(c.oid),
       ARRAY(SELECT r.rolname::text FROM pg_roles AS r
              WHERE r.oid = ANY (s.polroles) ORDER BY 1),
       ARRAY(SELECT r.rolname::text FROM pg_roles AS r
              WHERE r.oid = ANY (a.polroles) ORDER BY 1)
  FROM pg_class AS c
  LEFT JOIN pg_policy AS s ON s.polrelid = c.oid AND s.polname = 'eventstore_scope'
  LEFT JOIN pg_policy AS a ON a.polrelid = c.oid AND a.polname = 'eventstore_all'
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = ANY (%s::text[])
 ORDER BY 1
