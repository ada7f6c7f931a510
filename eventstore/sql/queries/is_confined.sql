-- Whether policies hide tenants from this connection's role.
SELECT row_security_active(c.oid)
       AND NOT EXISTS (
           SELECT FROM pg_policy AS p
            WHERE p.polrelid = c.oid
              AND p.polname = 'eventstore_all'
              AND EXISTS (SELECT FROM unnest(p.polroles) AS r(oid)
                           WHERE pg_has_role(r.oid, 'USAGE')))
  FROM pg_class AS c
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = 'stored_domain_events'
