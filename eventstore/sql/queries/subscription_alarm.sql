-- Stop a subscription whose checkpoint cannot be true, with the reason.
UPDATE event_subscriptions
   SET state = 'stopped', last_error = %s::text
 WHERE id = %s::bigint
RETURNING id
