-- How many of these events there are, the one furthest on, and those whose payload contains a
-- JSON object. OFFSET 0: each event is looked up by its position, whatever the planner hopes.
WITH m AS MATERIALIZED ({candidates})
SELECT count(*),
       CASE WHEN %s::boolean THEN min(m.position) ELSE max(m.position) END,
       COALESCE(array_agg(m.position) FILTER (WHERE e.is_hit), '{}')
  FROM m
 CROSS JOIN LATERAL (
       SELECT s.event_data @> %s::jsonb AS is_hit
         FROM stored_domain_events AS s
        WHERE s.position = m.position
       OFFSET 0) AS e
