-- Create the partitions of a subscription that do not exist yet, all at one position.
INSERT INTO event_subscriptions (tenant_id, name, partition, partitions, position)
SELECT %(tenant_id)s::text, %(name)s::text, p, %(partitions)s::integer, %(position)s::bigint
  FROM generate_series(0, %(partitions)s::integer - 1) AS p
    ON CONFLICT (tenant_id, name, partition) DO NOTHING
RETURNING id
