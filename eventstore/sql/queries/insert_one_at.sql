-- Append one event to an aggregate that stands at a version, as insert_one.sql does.
WITH head AS (
    UPDATE event_aggregates AS a
       SET current_version = a.current_version + 1,
           last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
     WHERE a.tenant_id = $1::text AND a.aggregate_id = $2::text AND a.aggregate_type = $3::text
       AND a.current_version = $10::bigint
       AND current_setting('transaction_isolation') = 'read committed'
    RETURNING a.current_version, a.last_stored_at
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version, event_type,
        event_version, occurred_at, stored_at, event_data, metadata, is_redacted)
SELECT $4::text, $1::text, $3::text, $2::text, h.current_version, $5::text,
       $6::text, $7::timestamptz, h.last_stored_at, $8::jsonb, $9::jsonb, false
  FROM head AS h
 WHERE eventstore_enter_v1()
RETURNING position, aggregate_version, stored_at, $11::boolean AND eventstore_notify_v1()
