-- Record that an event failed, or must wait behind one that did; repeating changes nothing.
-- Whatever would wait behind nothing, since that was decided upon meanwhile, is due at once.
INSERT INTO event_failures AS f
       (tenant_id, subscription_id, position, event_id, event_type, aggregate_type,
        aggregate_id, state, attempts, next_attempt_at, error, failed_at)
VALUES (%(tenant_id)s::text, %(subscription_id)s::bigint, %(position)s::bigint,
        %(event_id)s::text, %(event_type)s::text, %(aggregate_type)s::text,
        %(aggregate_id)s::text,
        CASE WHEN %(state)s::text = 'held' AND NOT EXISTS (
                  SELECT FROM event_failures AS n
                   WHERE n.subscription_id = %(subscription_id)s::bigint
                     AND n.tenant_id = %(tenant_id)s::text
                     AND n.aggregate_id = %(aggregate_id)s::text
                     AND n.aggregate_type = %(aggregate_type)s::text
                     AND n.position < %(position)s::bigint
                     AND n.state <> 'discarded')
             THEN 'retrying' ELSE %(state)s::text END,
        %(attempts)s::integer,
        clock_timestamp() + make_interval(secs => %(delay)s::double precision),
        %(error)s::text,
        CASE WHEN %(state)s::text <> 'held' THEN clock_timestamp() END)
    ON CONFLICT (tenant_id, subscription_id, position) DO NOTHING
RETURNING f.id
