-- Narrow the scope of this transaction; the outer scope comes back, to be restored.
-- The inner query is not flattened: it reads the setting before the outer one sets it.
SELECT s.outer_scope,
       set_config(
           'eventstore.tenants',
           ARRAY(SELECT DISTINCT t.tenant_id
                   FROM unnest(%s::text[]) AS t(tenant_id)
                  WHERE s.outer_scope = ''
                     OR t.tenant_id = ANY (NULLIF(s.outer_scope, '')::text[])
                  ORDER BY 1)::text,
           true)
  FROM (SELECT COALESCE(current_setting('eventstore.tenants', true), '') OFFSET 0)
       AS s(outer_scope)
