-- Append the first events of an aggregate, as insert_many.sql does.
--
-- No row: it has events.
WITH head AS (
    INSERT INTO event_aggregates
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    VALUES ($1::text, $2::text, $3::text, cardinality($4::text[]), clock_timestamp())
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO NOTHING
    RETURNING current_version, last_stored_at
),
{store_many}
