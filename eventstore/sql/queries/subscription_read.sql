-- The next events of a partition, up to a bound, in position order. Aggregates belong to
-- partitions by a digest that is the same on every version of PostgreSQL; the notice of a
-- redaction goes where the events of the redacted aggregate go.
SELECT {event_columns}
  FROM stored_domain_events AS e
 WHERE e.position > %(after)s::bigint
   AND e.position <= %(up_to)s::bigint
   AND (%(event_types)s::text[] IS NULL OR e.event_type = ANY (%(event_types)s::text[]))
   AND (%(aggregate_types)s::text[] IS NULL
        OR e.aggregate_type = ANY (%(aggregate_types)s::text[]))
   AND (%(tenants)s::text[] IS NULL OR e.tenant_id = ANY (%(tenants)s::text[]))
   AND (%(partitions)s::integer = 1
        OR ('x' || substr(md5(e.tenant_id || E'\x1f' || CASE
                WHEN e.event_type = 'eventstore.EventRedacted'
                THEN (e.event_data ->> 'aggregate_type') || E'\x1f'
                     || (e.event_data ->> 'aggregate_id')
                ELSE e.aggregate_type || E'\x1f' || e.aggregate_id END), 1, 7)
           )::bit(28)::integer %% %(partitions)s::integer = %(partition)s::integer)
 ORDER BY e.position
 LIMIT %(limit)s::bigint
