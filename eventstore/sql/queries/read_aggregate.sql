-- The history of an aggregate in order, optionally from its newest snapshot on, a range of
-- versions, or as of a moment by recorded or by business time.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %(tenant_id)s::text
   AND e.aggregate_id = %(aggregate_id)s::text
   AND e.aggregate_type = %(aggregate_type)s::text
   AND e.aggregate_version > GREATEST(
       %(after_version)s::bigint,
       CASE WHEN %(after_snapshot)s::boolean THEN (
           SELECT max(s.aggregate_version)
             FROM event_snapshots AS s
            WHERE s.tenant_id = %(tenant_id)s::text
              AND s.aggregate_id = %(aggregate_id)s::text
              AND s.aggregate_type = %(aggregate_type)s::text) END)
   AND e.aggregate_version <= %(up_to_version)s::bigint
   AND (%(stored_until)s::timestamptz IS NULL OR e.stored_at <= %(stored_until)s::timestamptz)
   AND (%(occurred_until)s::timestamptz IS NULL
        OR e.occurred_at <= %(occurred_until)s::timestamptz)
 ORDER BY e.aggregate_version
 LIMIT %(limit)s::bigint
