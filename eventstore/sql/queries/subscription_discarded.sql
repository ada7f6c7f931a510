-- The positions of what was discarded for a subscription.
SELECT f.position
  FROM event_failures AS f
  JOIN event_subscriptions AS s ON s.id = f.subscription_id
 WHERE s.tenant_id = %s::text AND s.name = %s::text AND f.state = 'discarded'
