-- Subscriptions over all tenants: shown to everybody, moved by workers alone. A worker that
-- runs as the application by mistake reads no events, and this keeps its checkpoint there.
CREATE POLICY eventstore_shared ON {schema}.{table} FOR SELECT TO {app}
    USING (tenant_id = '');
