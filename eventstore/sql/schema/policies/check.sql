-- Refuse before anything is changed: whom policies do not bind, a switch would only lull.
DO $check$
DECLARE
    _fault text;
BEGIN
    SELECT string_agg(fault, '; ') INTO _fault
      FROM (
        SELECT format('role %s does not exist', r.name)
          FROM unnest(ARRAY[{app_text}]) AS r(name)
         WHERE NOT EXISTS (SELECT FROM pg_roles AS p WHERE p.rolname = r.name)
        UNION ALL
        SELECT format('role %s is a superuser or has BYPASSRLS', r.rolname)
          FROM pg_roles AS r
         WHERE r.rolname = {app_text} AND (r.rolsuper OR r.rolbypassrls)
        UNION ALL
        SELECT format('role %s is, or is a member of, %s, whom the policies let through',
                      a.rolname, r.rolname)
          FROM pg_roles AS a, pg_roles AS r
         WHERE a.rolname = {app_text}
           AND pg_has_role(a.oid, r.oid, 'MEMBER')
           AND (r.rolname = ANY (ARRAY[{all_texts}])
                OR r.oid IN (
                   SELECT c.relowner FROM pg_class AS c
                    WHERE c.relnamespace = '{schema}'::regnamespace
                      AND c.relname = ANY (ARRAY[{table_texts}])))
      ) AS faults(fault);
    IF _fault IS NOT NULL THEN
        RAISE EXCEPTION 'row-level security cannot bind the application: %', _fault
            USING HINT = 'Give the web process a login of its own and run eventstore_harden.';
    END IF;
END
$check$;
