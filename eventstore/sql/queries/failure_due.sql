-- The next event of a partition that is to be retried now; locked, so that it is tried once.
SELECT f.id, f.tenant_id, f.event_id, f.aggregate_type, f.aggregate_id, f.attempts
  FROM event_failures AS f
 WHERE f.subscription_id = %s::bigint
   AND f.state = 'retrying'
   AND f.next_attempt_at <= clock_timestamp()
 ORDER BY f.next_attempt_at, f.position
 LIMIT 1
   FOR UPDATE SKIP LOCKED
