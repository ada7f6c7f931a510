-- Forget what failed after a position: it is handled again in its turn. What was discarded
-- stays so.
DELETE FROM event_failures AS f
 USING event_subscriptions AS s
 WHERE s.id = f.subscription_id
   AND s.tenant_id = %s::text
   AND s.name = %s::text
   AND f.position > %s::bigint
   AND f.state <> 'discarded'
RETURNING f.id
