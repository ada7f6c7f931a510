-- What the application's role, or the store's owner until now, owns becomes the owner's:
-- who owns a table, its schema or its database can drop it, whatever is granted.
DO $owner$
DECLARE
    _former oid[] := ARRAY[
        {app_text}::regrole::oid,
        (SELECT c.relowner FROM pg_class AS c
          WHERE c.oid = '{schema}.stored_domain_events'::regclass)];
    _act text;
BEGIN
    FOR _act IN
        SELECT format('ALTER DATABASE %I OWNER TO {owner}', d.datname)
          FROM pg_database AS d
         WHERE d.datname = current_database() AND d.datdba = {app_text}::regrole
        UNION ALL
        SELECT format('ALTER SCHEMA %I OWNER TO {owner}', n.nspname)
          FROM pg_namespace AS n
         WHERE n.oid = '{schema}'::regnamespace AND n.nspowner = {app_text}::regrole
        UNION ALL
        -- It hands functions to the others, whenever it runs this after a migrate.
        SELECT 'GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner} WITH GRANT OPTION'
         WHERE NOT has_schema_privilege(
               {owner_text}, '{schema}'::regnamespace, 'CREATE WITH GRANT OPTION')
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO {owner}',
                      CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
                                     WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
                      c.oid::regclass)
          FROM pg_class AS c
         WHERE c.relnamespace = '{schema}'::regnamespace
           AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
           AND c.relowner = ANY (_former)
           AND c.relowner <> {owner_text}::regrole
           -- Sequences go with their columns, and extensions look after their own.
           AND NOT EXISTS (
               SELECT FROM pg_depend AS d
                WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid
                  AND d.deptype IN ('a', 'i', 'e')
                  AND (c.relkind = 'S' OR d.deptype = 'e'))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO {owner}', p.oid::regprocedure)
          FROM pg_proc AS p
         WHERE p.pronamespace = '{schema}'::regnamespace
           AND p.proowner = ANY (_former)
           AND p.proowner <> {owner_text}::regrole
           AND NOT EXISTS (
               SELECT FROM pg_depend AS d
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE _act;
    END LOOP;
END
$owner$;
