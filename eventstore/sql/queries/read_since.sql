-- A tenant's events in the order of their business time, a page at a time.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %s::text
   AND (e.occurred_at, e.position) > (%s::timestamptz, %s::bigint)
   AND e.position <= %s::bigint
 ORDER BY e.occurred_at, e.position
 LIMIT %s::bigint
