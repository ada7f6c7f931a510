-- What one live feed has not seen yet, up to a bound: each tenant by its own index.
SELECT {event_columns}
  FROM unnest(%(tenants)s::text[]) AS t(tenant_id)
 CROSS JOIN LATERAL (
       SELECT d.*
         FROM stored_domain_events AS d
        WHERE d.tenant_id = t.tenant_id
          AND d.position > %(after)s::bigint
          AND d.position <= %(up_to)s::bigint
          AND (%(event_types)s::text[] IS NULL OR d.event_type = ANY (%(event_types)s::text[]))
          AND (%(aggregate_types)s::text[] IS NULL
               OR d.aggregate_type = ANY (%(aggregate_types)s::text[]))
          AND (%(aggregate_id)s::text IS NULL OR d.aggregate_id = %(aggregate_id)s::text)
        ORDER BY d.position
        LIMIT %(limit)s::bigint) AS e
 ORDER BY e.position
 LIMIT %(limit)s::bigint
