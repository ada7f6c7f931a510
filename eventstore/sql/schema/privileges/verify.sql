-- Take all of it back rather than call hardened what is not.
DO $verify$
DECLARE
    _left text;
BEGIN
    SELECT string_agg(fault, '; ') INTO _left
      FROM (
        SELECT format('%s is a superuser or may create roles', r.rolname)
          FROM pg_roles AS r
         WHERE r.rolname IN ({app_text}, {writer_text}, {redactor_text})
           AND (r.rolsuper OR r.rolcreaterole)
        UNION ALL
        SELECT format('{app} is a member of %s', r.rolname)
          FROM pg_roles AS r
         WHERE r.rolname IN ({owner_text}, {writer_text}, {redactor_text})
           AND pg_has_role({app_text}, r.oid, 'MEMBER')
        UNION ALL
        SELECT format('{app} may %s %s', p.privilege, t.name)
          FROM unnest(ARRAY['stored_domain_events', 'event_aggregates', 'event_redactions'])
               AS t(name),
               unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER'])
               AS p(privilege)
         WHERE has_table_privilege({app_text}, format('{schema}.%I', t.name), p.privilege)
        UNION ALL
        SELECT format('{app} may create in schema %s', n.nspname)
          FROM pg_namespace AS n
         WHERE has_schema_privilege({app_text}, n.oid, 'CREATE')
        UNION ALL
        SELECT '{app} may create temporary tables'
         WHERE has_database_privilege({app_text}, current_database(), 'TEMPORARY')
      ) AS faults(fault);
    IF _left IS NOT NULL THEN
        RAISE EXCEPTION 'the database is not hardened: %', _left
            USING HINT = 'Run it as a superuser; take memberships and attributes from the role.';
    END IF;
END
$verify$;
