-- Remember the lines of a chunk that an import would store, with their versions.
WITH fresh AS MATERIALIZED (
    SELECT s.*
      FROM (SELECT min(i.line) AS line
              FROM eventstore_import_lines AS i
             WHERE i.transaction_id = pg_current_xact_id()
             GROUP BY i.tenant_id, i.event_id) AS f
     CROSS JOIN LATERAL (
           SELECT *
             FROM eventstore_import_lines AS i
            WHERE i.transaction_id = pg_current_xact_id() AND i.line = f.line
           OFFSET 0) AS s
      LEFT JOIN LATERAL (
           SELECT e.position
             FROM stored_domain_events AS e
            WHERE e.tenant_id = s.tenant_id AND e.event_id = s.event_id
           OFFSET 0) AS k ON true
      LEFT JOIN LATERAL (
           SELECT p.line
             FROM pg_temp.eventstore_preview AS p
            WHERE p.tenant_id = s.tenant_id AND p.event_id = s.event_id
           OFFSET 0) AS p ON true
     WHERE k.position IS NULL AND p.line IS NULL
), arrays AS (
    SELECT array_agg(n.line) AS lines, array_agg(n.aggregate) AS aggregates,
           array_agg(COALESCE(p.version, a.current_version, 0)) AS bases,
           array_agg(n.given) AS given
      FROM (SELECT f.line, f.tenant_id, f.aggregate_id, f.aggregate_type,
                   CASE WHEN NOT %s::boolean THEN f.aggregate_version END AS given,
                   min(f.line) OVER (
                       PARTITION BY f.tenant_id, f.aggregate_id, f.aggregate_type) AS aggregate
              FROM fresh AS f) AS n
      LEFT JOIN LATERAL (
           SELECT a.current_version
             FROM event_aggregates AS a
            WHERE a.tenant_id = n.tenant_id
              AND a.aggregate_id = n.aggregate_id
              AND a.aggregate_type = n.aggregate_type
           OFFSET 0) AS a ON true
      LEFT JOIN LATERAL (
           SELECT max(p.version) AS version
             FROM pg_temp.eventstore_preview AS p
            WHERE p.tenant_id = n.tenant_id
              AND p.aggregate_id = n.aggregate_id
              AND p.aggregate_type = n.aggregate_type
           OFFSET 0) AS p ON true
)
INSERT INTO pg_temp.eventstore_preview
SELECT s.tenant_id, s.event_id, s.aggregate_id, s.aggregate_type, v.version, s.line,
       sha256(convert_to(jsonb_build_array(
           s.aggregate_type, s.aggregate_id, s.event_type, s.event_version,
           s.event_data)::text, 'UTF8'))
  FROM arrays AS a
 CROSS JOIN LATERAL eventstore_import_versions_v1(a.lines, a.aggregates, a.bases, a.given) AS v
 CROSS JOIN LATERAL (
       SELECT *
         FROM eventstore_import_lines AS i
        WHERE i.transaction_id = pg_current_xact_id() AND i.line = v.line
       OFFSET 0) AS s
 WHERE v.fits
RETURNING line
