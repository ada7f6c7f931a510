-- Give dead events of a subscription up for good, and let what waited behind them go on.
WITH discarded AS (
    UPDATE event_failures AS f
       SET state = 'discarded', decided_at = clock_timestamp(), decided_by = %(actor)s::text
      FROM event_subscriptions AS s
     WHERE s.id = f.subscription_id
       AND s.tenant_id = %(tenant_id)s::text
       AND s.name = %(name)s::text
       AND f.state = 'dead'
       AND (%(event_id)s::text IS NULL OR f.event_id = %(event_id)s::text)
    RETURNING f.id, f.subscription_id, f.tenant_id, f.aggregate_type, f.aggregate_id
), released AS (
    UPDATE event_failures AS f
       SET state = 'retrying', next_attempt_at = clock_timestamp()
     WHERE f.id IN (
           SELECT DISTINCT ON (n.subscription_id, n.tenant_id, n.aggregate_type, n.aggregate_id)
                  n.id
             FROM event_failures AS n
             JOIN discarded AS d
               USING (subscription_id, tenant_id, aggregate_type, aggregate_id)
            WHERE n.state = 'held'
            ORDER BY n.subscription_id, n.tenant_id, n.aggregate_type, n.aggregate_id,
                     n.position)
)
SELECT id FROM discarded
