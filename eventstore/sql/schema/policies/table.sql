-- {table}: the application sees its scope; the doors and the workers see everything, but
-- what they write inside a scope belongs to it.
DROP POLICY IF EXISTS eventstore_scope ON {schema}.{table};
DROP POLICY IF EXISTS eventstore_shared ON {schema}.{table};
DROP POLICY IF EXISTS eventstore_all ON {schema}.{table};
CREATE POLICY eventstore_scope ON {schema}.{table} TO {app}
    USING ({in_scope});
CREATE POLICY eventstore_all ON {schema}.{table} TO {all}
    USING (true)
    WITH CHECK (NULLIF(current_setting('eventstore.tenants', true), '') IS NULL
                OR {in_scope});
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY;
