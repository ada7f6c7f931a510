-- The types that use an aggregate id in a tenant; a few are enough to call it ambiguous.
SELECT aggregate_type
  FROM event_aggregates
 WHERE tenant_id = %s::text AND aggregate_id = %s::text
 ORDER BY aggregate_type
 LIMIT 10
