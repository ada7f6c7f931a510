-- Ask a process no more.
DELETE FROM event_process_timeouts
 WHERE tenant_id = %s::text AND process = %s::text AND correlation_id = %s::text
   AND name = %s::text
RETURNING name
