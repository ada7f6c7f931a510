-- The columns of an event as every read returns them, in the order of reading.FIELDS.
e.position, e.event_id, e.tenant_id, e.aggregate_type, e.aggregate_id, e.aggregate_version,
e.event_type, e.event_version, e.occurred_at, e.stored_at, e.event_data::text,
e.metadata::text, e.is_redacted,
(SELECT s.snapshot_id
   FROM event_snapshots AS s
  WHERE s.tenant_id = e.tenant_id
    AND s.aggregate_id = e.aggregate_id
    AND s.aggregate_type = e.aggregate_type
    AND s.aggregate_version = e.aggregate_version
  ORDER BY s.id DESC
  LIMIT 1)
