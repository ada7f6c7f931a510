-- A process could not decide on its time-out: ask it later, and others meanwhile.
UPDATE event_process_timeouts
   SET due_at = clock_timestamp() + make_interval(secs => %s::double precision)
 WHERE tenant_id = %s::text AND process = %s::text AND correlation_id = %s::text
   AND name = %s::text
RETURNING due_at
