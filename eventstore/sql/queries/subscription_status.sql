-- Every partition with its lag: events by a bounded count, seconds by what waits longest.
SELECT s.tenant_id, s.name, s.partition, s.partitions, s.position, s.handled, s.state,
       s.last_error, s.moved_at, s.lease_owner,
       s.lease_until IS NOT NULL AND s.lease_until >= clock_timestamp(),
       w.waiting, w.oldest,
       (SELECT count(*) FROM event_failures AS f
         WHERE f.subscription_id = s.id AND f.state IN ('retrying', 'held')),
       (SELECT count(*) FROM event_failures AS f
         WHERE f.subscription_id = s.id AND f.state = 'dead')
  FROM event_subscriptions AS s
 CROSS JOIN LATERAL (
       SELECT count(*) AS waiting, min(e.stored_at) AS oldest
         FROM (SELECT e.stored_at
                 FROM stored_domain_events AS e
                WHERE e.position > s.position
                  AND (s.tenant_id = '' OR e.tenant_id = s.tenant_id)
                ORDER BY e.position
                LIMIT 10000) AS e) AS w
 WHERE (%s::text[] IS NULL OR s.name = ANY (%s::text[]))
 ORDER BY s.tenant_id, s.name, s.partition
