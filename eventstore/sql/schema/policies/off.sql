ALTER TABLE {schema}.{table} DISABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS eventstore_scope ON {schema}.{table};
DROP POLICY IF EXISTS eventstore_shared ON {schema}.{table};
DROP POLICY IF EXISTS eventstore_all ON {schema}.{table};
