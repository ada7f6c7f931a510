-- The checkpoint of a partition that this worker holds and that is to be run, and the
-- newest position that was ever drawn: a checkpoint beyond it was made by another history.
SELECT s.position, eventstore_head_position_v1()
  FROM event_subscriptions AS s
 WHERE s.id = %s::bigint AND s.lease_owner = %s::text AND s.state = 'running'
