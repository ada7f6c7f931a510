-- The records of an event's redactions, newest first.
SELECT redaction_id, tenant_id, event_id, "position", fields::text, reason, actor::text,
       request_id, kind, recorded_at
  FROM event_redactions
 WHERE tenant_id = %s::text
   AND "position" = (SELECT e.position
                       FROM stored_domain_events AS e
                      WHERE e.tenant_id = %s::text AND e.event_id = %s::text)
 ORDER BY id DESC
 LIMIT 1000
