-- The snapshots of an aggregate, newest first.
SELECT snapshot_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
       last_event_id, state::text, fold_version, created_at
  FROM event_snapshots
 WHERE tenant_id = %s::text AND aggregate_id = %s::text AND aggregate_type = %s::text
 ORDER BY aggregate_version DESC, id DESC
 LIMIT %s::bigint
