-- Pause, resume or restart all partitions of a subscription.
UPDATE event_subscriptions
   SET state = %s::text, last_error = CASE WHEN %s::text = 'running' THEN '' ELSE last_error END
 WHERE tenant_id = %s::text AND name = %s::text
RETURNING id
