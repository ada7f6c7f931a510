-- What is new in the log for all live feeds of a process at once.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.position > %(after)s::bigint
   AND e.position <= %(up_to)s::bigint
   AND e.tenant_id = ANY (%(tenants)s::text[])
 ORDER BY e.position
 LIMIT %(limit)s::bigint
