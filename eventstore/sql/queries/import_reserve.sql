-- Make room for the new events of a chunk: lock its aggregates, in the order of their key, bump
-- each by its number of events, and take the store's lock before positions are drawn.
--
-- No row when one of the given events is known, which tells a chunk that was imported before, or
-- where the isolation level is another. The look-up is a range in the order of the id, so that no
-- other index can serve it: see eventstore_append_one_v1.
WITH bumped AS (
    INSERT INTO event_aggregates AS a
           (tenant_id, aggregate_type, aggregate_id, current_version, last_stored_at)
    SELECT w.tenant_id, w.aggregate_type, w.aggregate_id, w.events, clock_timestamp()
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
           AS w(tenant_id, aggregate_type, aggregate_id, events)
     WHERE current_setting('transaction_isolation') = 'read committed'
       AND NOT EXISTS (
           SELECT
             FROM unnest(%s::text[], %s::text[]) AS g(tenant_id, event_id)
            CROSS JOIN LATERAL (
                  SELECT e.event_id
                    FROM stored_domain_events AS e
                   WHERE e.tenant_id = g.tenant_id
                     AND e.event_id BETWEEN g.event_id AND g.event_id
                   ORDER BY e.event_id LIMIT 1) AS k)
     ORDER BY w.tenant_id COLLATE "C", w.aggregate_id COLLATE "C", w.aggregate_type COLLATE "C"
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
       SET current_version = a.current_version + EXCLUDED.current_version,
           last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
    RETURNING a.tenant_id, a.aggregate_type, a.aggregate_id, a.current_version, a.last_stored_at
)
SELECT b.tenant_id, b.aggregate_type, b.aggregate_id, b.current_version, b.last_stored_at,
       eventstore_enter_v1()
  FROM bumped AS b
