-- Compare the lines of an import with the events that are stored under their ids.
--
-- outcome: known, duplicate, or unredacted (known, but the line lacks values that are still
-- stored); version is that of the stored event. Lines among _decided are left out.
CREATE FUNCTION {schema}.eventstore_import_judge_v1(_decided bigint[])
RETURNS TABLE (line bigint, outcome text, version bigint)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT s.line,
               CASE WHEN s.aggregate_type = k.aggregate_type
                     AND s.aggregate_id = k.aggregate_id
                     AND s.event_type = k.event_type
                     AND s.event_version = k.event_version
                     AND ({schema}.eventstore_only_removes_v1(s.event_data, k.event_data)
                          OR s.removed IS NOT NULL
                          AND {schema}.eventstore_only_removes_v1(k.event_data, s.event_data))
                    THEN CASE WHEN s.removed IS NOT NULL AND NOT k.is_redacted
                              THEN 'unredacted' ELSE 'known' END
                    ELSE 'duplicate' END,
               k.aggregate_version
          FROM {schema}.eventstore_import_lines AS s
         CROSS JOIN LATERAL (
               SELECT *
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = s.tenant_id AND e.event_id = s.event_id
               OFFSET 0) AS k
         WHERE s.transaction_id = pg_current_xact_id()
           AND s.line <> ALL (_decided);
END
$function$;
