-- The events that a retried append had stored, by their ids.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %s::text AND e.event_id = ANY (%s::text[])
 ORDER BY e.position
