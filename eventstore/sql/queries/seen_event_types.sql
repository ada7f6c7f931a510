-- The types of events that each tenant has stored, with the first and the last of each: the
-- index is leapt over from type to type, and nothing is counted.
-- Each look-up is ordered by all columns of its index, the tenant compared as an array and the
-- type as a range: after an equality the planner drops a column from the order, and may walk
-- the primary key past everybody's events.
SELECT s.tenant_id, t.event_type,
       f.position, f.event_version, f.stored_at,
       l.position, l.event_version, l.stored_at
  FROM unnest(%(tenants)s::text[]) AS s(tenant_id)
 CROSS JOIN LATERAL (
       WITH RECURSIVE leap AS (
           (SELECT e.event_type
              FROM stored_domain_events AS e
             WHERE e.tenant_id = ANY (ARRAY[s.tenant_id])
               AND e.event_type > CASE WHEN s.tenant_id = %(after_tenant)s::text
                                       THEN %(after_type)s::text ELSE '' END
             ORDER BY e.tenant_id, e.event_type, e.position
             LIMIT 1)
           UNION ALL
           SELECT (SELECT e.event_type
                     FROM stored_domain_events AS e
                    WHERE e.tenant_id = ANY (ARRAY[s.tenant_id])
                      AND e.event_type > leap.event_type
                    ORDER BY e.tenant_id, e.event_type, e.position
                    LIMIT 1)
             FROM leap
            WHERE leap.event_type IS NOT NULL
       )
       SELECT leap.event_type FROM leap WHERE leap.event_type IS NOT NULL
        LIMIT %(limit)s::bigint) AS t
 CROSS JOIN LATERAL (
       SELECT e.position, e.event_version, e.stored_at
         FROM stored_domain_events AS e
        WHERE e.tenant_id = ANY (ARRAY[s.tenant_id])
          AND e.event_type BETWEEN t.event_type AND t.event_type
          AND e.position <= %(up_to)s::bigint
        ORDER BY e.tenant_id, e.event_type, e.position
        LIMIT 1) AS f
 CROSS JOIN LATERAL (
       SELECT e.position, e.event_version, e.stored_at
         FROM stored_domain_events AS e
        WHERE e.tenant_id = ANY (ARRAY[s.tenant_id])
          AND e.event_type BETWEEN t.event_type AND t.event_type
          AND e.position <= %(up_to)s::bigint
        ORDER BY e.tenant_id DESC, e.event_type DESC, e.position DESC
        LIMIT 1) AS l
 WHERE s.tenant_id >= %(after_tenant)s::text
 ORDER BY s.tenant_id, t.event_type
 LIMIT %(limit)s::bigint
