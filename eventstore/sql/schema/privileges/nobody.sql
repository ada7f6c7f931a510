-- Nothing to everybody, and nothing to the roles yet: what they may, the next files say.
DO $nobody$
DECLARE
    _act text;
BEGIN
    FOR _act IN
        SELECT format('REVOKE ALL ON %s %s FROM PUBLIC, {app}, {writer}, {redactor}',
                      CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                      c.oid::regclass)
          FROM pg_class AS c
         WHERE c.relnamespace = '{schema}'::regnamespace
           AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
           AND c.relowner = {owner_text}::regrole
        UNION ALL
        SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, {app}, {writer}, {redactor}',
                      p.oid::regprocedure)
          FROM pg_proc AS p
         WHERE p.pronamespace = '{schema}'::regnamespace
           AND starts_with(p.proname, 'eventstore_')
        UNION ALL
        SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, {app}', n.nspname)
          FROM pg_namespace AS n
         WHERE has_schema_privilege({app_text}, n.oid, 'CREATE')
        UNION ALL
        SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, {app}',
                      current_database())
         WHERE has_database_privilege({app_text}, current_database(), 'CREATE, TEMPORARY')
        UNION ALL
        -- Large objects are storage that no guard watches. Only a superuser can revoke.
        SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', p.oid::regprocedure)
          FROM pg_proc AS p
         WHERE p.pronamespace = 'pg_catalog'::regnamespace
           AND p.proname ~ '^(lo_.*|loread|lowrite)$'
           AND pg_has_role(p.proowner, 'USAGE')
    LOOP
        EXECUTE _act;
    END LOOP;
END
$nobody$;
