-- How many partitions a worker should hold: of each subscription the part that falls to it
-- when all the living workers that run it share alike.
SELECT COALESCE(ceil(sum(1.0 / GREATEST(w.workers, 1))), 0)::bigint
  FROM event_subscriptions AS s
 CROSS JOIN LATERAL (
       SELECT count(*) AS workers
         FROM event_workers AS w
        WHERE w.alive_until >= clock_timestamp() AND w.names ? s.name) AS w
 WHERE s.name = ANY (%s::text[]) AND s.state = 'running'
