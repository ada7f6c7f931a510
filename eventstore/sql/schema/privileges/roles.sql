-- The roles. They belong to the whole cluster, so another store may have made them before.
DO $roles$
DECLARE
    _name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {app_text}) THEN
        RAISE EXCEPTION 'role % does not exist', {app_text}
            USING HINT = 'It is the login of the application: CREATE ROLE ... LOGIN PASSWORD ...';
    END IF;
    FOREACH _name IN ARRAY ARRAY[{owner_text}, {writer_text}, {redactor_text}] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = _name) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', _name);
        END IF;
        IF EXISTS (
            SELECT FROM pg_catalog.pg_auth_members AS m
             WHERE m.roleid = _name::pg_catalog.regrole
               AND m.member = {app_text}::pg_catalog.regrole
        ) THEN
            EXECUTE pg_catalog.format('REVOKE %I FROM %I', _name, {app_text});
        END IF;
    END LOOP;
    -- Else the owner could not replace or drop the functions: migrations need it.
    FOREACH _name IN ARRAY ARRAY[{writer_text}, {redactor_text}] LOOP
        IF NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members AS m
             WHERE m.roleid = _name::pg_catalog.regrole
               AND m.member = {owner_text}::pg_catalog.regrole
        ) THEN
            EXECUTE pg_catalog.format('GRANT %I TO %I', _name, {owner_text});
        END IF;
    END LOOP;
END
$roles$;
