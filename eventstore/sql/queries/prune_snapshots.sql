-- Drop all but the newest snapshots of an aggregate.
DELETE FROM event_snapshots
 WHERE id IN (
       SELECT id
         FROM event_snapshots
        WHERE tenant_id = %s::text AND aggregate_id = %s::text AND aggregate_type = %s::text
        ORDER BY aggregate_version DESC, id DESC
       OFFSET %s::bigint)
   AND tenant_id = %s::text
RETURNING snapshot_id
