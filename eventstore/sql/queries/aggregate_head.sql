-- Where an aggregate stands.
SELECT current_version
  FROM event_aggregates
 WHERE tenant_id = %s::text AND aggregate_id = %s::text AND aggregate_type = %s::text
