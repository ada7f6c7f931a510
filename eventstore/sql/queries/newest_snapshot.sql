-- The newest snapshot of an aggregate that this fold can use, up to a version, and the
-- newest redaction: read before the events, both belong to what is folded from here.
SELECT s.snapshot_id, s.aggregate_version, s.last_event_id, s.state::text, s.created_at,
       (SELECT COALESCE(max(r.id), 0)
          FROM event_redactions AS r
         WHERE r.tenant_id = q.tenant_id
           AND r.aggregate_id = q.aggregate_id
           AND r.aggregate_type = q.aggregate_type)
  FROM (VALUES (%s::text, %s::text, %s::text, %s::text, %s::bigint))
       AS q(tenant_id, aggregate_id, aggregate_type, fold_version, up_to_version)
  LEFT JOIN LATERAL (
       SELECT *
         FROM event_snapshots AS s
        WHERE s.tenant_id = q.tenant_id
          AND s.aggregate_id = q.aggregate_id
          AND s.aggregate_type = q.aggregate_type
          AND s.aggregate_version <= q.up_to_version
          AND s.fold_version = q.fold_version
          AND s.state IS NOT NULL
        ORDER BY s.aggregate_version DESC, s.id DESC
        LIMIT 1) AS s ON true
