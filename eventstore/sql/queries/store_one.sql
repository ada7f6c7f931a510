-- The event of the statements insert_one..., to an aggregate that is bumped (head).
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version, event_type,
        event_version, occurred_at, stored_at, event_data, metadata, is_redacted)
SELECT $4::text, $1::text, $3::text, $2::text, h.current_version, $5::text,
       $6::text, $9::timestamptz, h.last_stored_at, $7::jsonb, $8::jsonb, false
  FROM head AS h
 WHERE eventstore_hold_position_v1()
RETURNING position, aggregate_version, stored_at
