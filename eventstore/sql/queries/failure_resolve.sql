-- The event is done: let the next one that waited behind it be tried at once.
WITH done AS (
    DELETE FROM event_failures AS f
     WHERE f.id = %s::bigint
    RETURNING f.subscription_id, f.tenant_id, f.aggregate_type, f.aggregate_id
)
UPDATE event_failures AS f
   SET state = 'retrying', next_attempt_at = clock_timestamp()
 WHERE f.id = (
       SELECT n.id
         FROM event_failures AS n
         JOIN done AS d USING (subscription_id, tenant_id, aggregate_type, aggregate_id)
        WHERE n.state = 'held'
        ORDER BY n.position
        LIMIT 1)
RETURNING f.id
