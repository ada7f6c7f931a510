-- The time-out of a process that has been due the longest; held until it is done.
SELECT tenant_id, correlation_id, name, due_at
  FROM event_process_timeouts
 WHERE process = %s::text AND due_at <= clock_timestamp()
 ORDER BY due_at
 LIMIT 1
   FOR UPDATE SKIP LOCKED
