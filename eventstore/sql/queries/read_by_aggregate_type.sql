-- The events of all aggregates of a type in position order, a page at a time.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %s::text
   AND e.aggregate_type = %s::text
   AND e.position > %s::bigint
   AND e.position <= %s::bigint
 ORDER BY e.position
 LIMIT %s::bigint
