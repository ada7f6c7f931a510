-- Give a partition back.
UPDATE event_subscriptions
   SET lease_owner = '', lease_until = NULL
 WHERE id = %s::bigint AND lease_owner = %s::text
RETURNING id
