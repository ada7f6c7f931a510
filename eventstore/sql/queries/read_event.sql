-- One event by its id.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %s::text AND e.event_id = %s::text
