-- The lines of a chunk that an import would not store, as eventstore_import_chunk_v1 would
-- give them; to be asked after preview_chunk.
SELECT s.line,
       CASE WHEN j.outcome IS NOT NULL THEN j.outcome
            WHEN p.line IS NULL THEN 'version'
            WHEN p.digest = sha256(convert_to(jsonb_build_array(
                 s.aggregate_type, s.aggregate_id, s.event_type, s.event_version,
                 s.event_data)::text, 'UTF8'))
            THEN 'known' ELSE 'duplicate' END AS outcome,
       CASE WHEN j.outcome IS NULL AND p.line IS NULL THEN (
           SELECT 1 + COALESCE(
                  (SELECT q.version
                     FROM pg_temp.eventstore_preview AS q
                    WHERE q.tenant_id = s.tenant_id
                      AND q.aggregate_id = s.aggregate_id
                      AND q.aggregate_type = s.aggregate_type
                      AND q.line < s.line
                    ORDER BY q.version DESC
                    LIMIT 1),
                  (SELECT a.current_version
                     FROM event_aggregates AS a
                    WHERE a.tenant_id = s.tenant_id
                      AND a.aggregate_id = s.aggregate_id
                      AND a.aggregate_type = s.aggregate_type), 0)) END AS version
  FROM eventstore_import_lines AS s
  LEFT JOIN LATERAL (
       SELECT p.line, p.digest
         FROM pg_temp.eventstore_preview AS p
        WHERE p.tenant_id = s.tenant_id AND p.event_id = s.event_id
       OFFSET 0) AS p ON true
  LEFT JOIN eventstore_import_judge_v1('{}') AS j ON j.line = s.line
 WHERE s.transaction_id = pg_current_xact_id()
   AND p.line IS DISTINCT FROM s.line
 ORDER BY s.line
