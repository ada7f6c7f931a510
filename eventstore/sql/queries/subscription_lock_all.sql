-- Hold all checkpoints of a subscription.
SELECT position
  FROM event_subscriptions
 WHERE tenant_id = %s::text AND name = %s::text
 ORDER BY partition
   FOR UPDATE
