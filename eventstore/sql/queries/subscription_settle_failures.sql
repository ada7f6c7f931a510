-- A rebuild has handled what was open; what was discarded stays so.
DELETE FROM event_failures AS f
 USING event_subscriptions AS s
 WHERE s.id = f.subscription_id
   AND s.tenant_id = %s::text
   AND s.name = %s::text
   AND f.state <> 'discarded'
RETURNING f.id
