-- Which of these ids the tenant has events of.
SELECT e.event_id
  FROM stored_domain_events AS e
 WHERE e.tenant_id = %s::text AND e.event_id = ANY (%s::text[])
