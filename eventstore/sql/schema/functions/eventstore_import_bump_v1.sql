-- Lock the aggregates of an import's lines, in the order of their key, and bump each by the
-- number of its lines. Internal: who calls it stores exactly these, or takes it back.
CREATE FUNCTION {schema}.eventstore_import_bump_v1(_lines bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    INSERT INTO {schema}.event_aggregates AS a
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    SELECT w.tenant_id, w.aggregate_id, w.aggregate_type, w.events, clock_timestamp()
      FROM (SELECT s.tenant_id, s.aggregate_id, s.aggregate_type, count(*) AS events
              FROM {schema}.eventstore_import_lines AS s
             WHERE s.transaction_id = pg_current_xact_id()
               AND s.line = ANY (_lines)
             GROUP BY s.tenant_id, s.aggregate_id, s.aggregate_type) AS w
     ORDER BY w.tenant_id COLLATE "C", w.aggregate_id COLLATE "C", w.aggregate_type COLLATE "C"
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
       SET current_version = a.current_version + EXCLUDED.current_version,
           last_stored_at = GREATEST(a.last_stored_at, clock_timestamp());
END
$function$;
