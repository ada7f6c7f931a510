-- How many partitions there are to run, and how many workers live.
SELECT (SELECT count(*)
          FROM event_subscriptions
         WHERE name = ANY (%s::text[]) AND state = 'running'),
       (SELECT count(*) FROM event_workers WHERE alive_until >= clock_timestamp())
