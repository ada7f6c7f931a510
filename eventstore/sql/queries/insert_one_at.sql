-- Append one event to an aggregate that stands at a version, as insert_one.sql does.
--
-- No row: it stands at another.
WITH head AS (
    UPDATE event_aggregates AS a
       SET current_version = a.current_version + 1,
           last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
     WHERE a.tenant_id = $1::text AND a.aggregate_id = $2::text AND a.aggregate_type = $3::text
       AND a.current_version = $10::bigint
    RETURNING a.current_version, a.last_stored_at
)
{store_one}
