-- The version at which an aggregate stood at a moment of stored time: a binary search, since
-- stored_at never falls within an aggregate. What was archived counts as stored before.
WITH RECURSIVE search AS (
    SELECT a.archived_through AS low, a.current_version AS high
      FROM event_aggregates AS a
     WHERE a.tenant_id = %(tenant_id)s::text
       AND a.aggregate_id = %(aggregate_id)s::text
       AND a.aggregate_type = %(aggregate_type)s::text
    UNION ALL
    SELECT CASE WHEN e.stored_at <= %(moment)s::timestamptz THEN m.middle ELSE s.low END,
           CASE WHEN e.stored_at <= %(moment)s::timestamptz THEN s.high ELSE m.middle - 1 END
      FROM search AS s
     CROSS JOIN LATERAL (SELECT (s.low + s.high + 1) / 2 AS middle) AS m
     CROSS JOIN LATERAL (
           SELECT e.stored_at
             FROM stored_domain_events AS e
            WHERE e.tenant_id = %(tenant_id)s::text
              AND e.aggregate_id = %(aggregate_id)s::text
              AND e.aggregate_type = %(aggregate_type)s::text
              AND e.aggregate_version = m.middle
            OFFSET 0) AS e
     WHERE s.low < s.high
)
SELECT s.low FROM search AS s WHERE s.low = s.high
