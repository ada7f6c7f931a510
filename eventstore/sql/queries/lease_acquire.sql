-- Take a free partition, one that nobody holds or whose holder's time has run out. A row
-- that is locked is being worked on: its holder lives.
UPDATE event_subscriptions AS s
   SET lease_owner = %(owner)s::text,
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s::double precision)
 WHERE s.id = (
       SELECT f.id
         FROM event_subscriptions AS f
        WHERE f.name = ANY (%(names)s::text[])
          AND f.state = 'running'
          AND f.lease_owner <> %(owner)s::text
          AND (f.lease_until IS NULL OR f.lease_until < clock_timestamp())
        ORDER BY f.partition, f.id
        LIMIT 1
          FOR UPDATE SKIP LOCKED)
RETURNING s.id, s.tenant_id, s.name, s.partition
