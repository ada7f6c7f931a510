-- Try dead events of a subscription again, all or one; who decided is kept until it is done.
UPDATE event_failures AS f
   SET state = 'retrying', attempts = 0, next_attempt_at = clock_timestamp(),
       decided_at = clock_timestamp(), decided_by = %(actor)s::text
  FROM event_subscriptions AS s
 WHERE s.id = f.subscription_id
   AND s.tenant_id = %(tenant_id)s::text
   AND s.name = %(name)s::text
   AND f.state = 'dead'
   AND (%(event_id)s::text IS NULL OR f.event_id = %(event_id)s::text)
RETURNING f.id
