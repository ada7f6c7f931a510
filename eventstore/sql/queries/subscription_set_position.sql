-- Set all checkpoints of a subscription.
UPDATE event_subscriptions
   SET position = %s::bigint, moved_at = clock_timestamp()
 WHERE tenant_id = %s::text AND name = %s::text
RETURNING id
