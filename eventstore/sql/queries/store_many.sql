-- The events of the statements insert_many..., to an aggregate that is bumped (head).
entered AS MATERIALIZED (
    SELECT h.current_version - cardinality($4::text[]) AS base, h.last_stored_at
      FROM head AS h
     WHERE eventstore_hold_position_v1()
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version, event_type,
        event_version, occurred_at, stored_at, event_data, metadata, is_redacted)
SELECT e.event_id, $1::text, $3::text, $2::text, h.base + e.ordinal, e.event_type,
       e.event_version, e.occurred_at, h.last_stored_at, e.event_data, e.metadata, false
  FROM entered AS h,
       unnest($4::text[], $5::text[], $6::text[], $9::timestamptz[], $7::text[]::jsonb[],
              $8::text[]::jsonb[])
       WITH ORDINALITY AS e(event_id, event_type, event_version, occurred_at, event_data,
              metadata, ordinal)
RETURNING position, aggregate_version, stored_at
