-- What this worker holds and is to run.
SELECT id
  FROM event_subscriptions
 WHERE lease_owner = %s::text AND state = 'running'
