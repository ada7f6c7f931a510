-- Prolong what this worker holds; rows that are locked are in its own hands just now.
WITH mine AS MATERIALIZED (
    SELECT id
      FROM event_subscriptions
     WHERE lease_owner = %(owner)s::text
       FOR UPDATE SKIP LOCKED
)
UPDATE event_subscriptions AS s
   SET lease_until = clock_timestamp() + make_interval(secs => %(seconds)s::double precision)
  FROM mine
 WHERE s.id = mine.id
RETURNING s.id
