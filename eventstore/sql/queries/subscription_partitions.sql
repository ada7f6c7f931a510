-- How many partitions a subscription was created with.
SELECT max(partitions)
  FROM event_subscriptions
 WHERE tenant_id = %s::text AND name = %s::text
