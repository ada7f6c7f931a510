-- Hold the checkpoint for a transaction: whoever else comes here waits, and finds it moved.
SELECT s.position
  FROM event_subscriptions AS s
 WHERE s.id = %s::bigint AND s.lease_owner = %s::text AND s.state = 'running'
   FOR UPDATE
