-- Append a batch to one aggregate as a transaction of its own, as insert_one.sql does one event.
WITH head AS (
    INSERT INTO event_aggregates AS a
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    VALUES ($1::text, $2::text, $3::text, cardinality($4::text[]), clock_timestamp())
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
       SET current_version = a.current_version + EXCLUDED.current_version,
           last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
    RETURNING a.current_version, a.last_stored_at
),
{store_many}
