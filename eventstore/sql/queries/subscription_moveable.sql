-- Whether no partition of a subscription is run, and where the log ends.
SELECT bool_and(state <> 'running'), eventstore_head_position_v1()
  FROM event_subscriptions
 WHERE tenant_id = %s::text AND name = %s::text
