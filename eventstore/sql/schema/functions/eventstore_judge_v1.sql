-- Say why a batch was not stored, or that all of it is known: judged before expected versions.
--
-- A row an event, all of them known; or the refusals: duplicate for the ids that belong to
-- another event, stand twice in the batch, or are known while others of it are not; else
-- conflict. No row at all: nothing stands in the way any more.
CREATE FUNCTION {schema}.eventstore_judge_v1(
    _tenant_id text,
    _event_ids text[],
    _aggregate_types text[],
    _aggregate_ids text[],
    _event_types text[],
    _event_versions text[],
    _event_data jsonb[],
    _expected_versions bigint[]
) RETURNS TABLE (
    ordinal bigint, outcome text, event_position bigint, version bigint, recorded_at timestamptz
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    RETURN QUERY
        WITH judged AS MATERIALIZED (
            SELECT e.ordinal, k.position, k.aggregate_version, k.stored_at,
                   count(*) OVER (PARTITION BY e.event_id) > 1 AS is_twice,
                   k.position IS NOT NULL
                   AND k.aggregate_type = e.aggregate_type
                   AND k.aggregate_id = e.aggregate_id
                   AND k.event_type = e.event_type
                   AND k.event_version = e.event_version
                   AND {schema}.eventstore_only_removes_v1(e.event_data, k.event_data) AS is_same
              FROM unnest(_event_ids, _aggregate_types, _aggregate_ids, _event_types,
                          _event_versions, _event_data)
                   WITH ORDINALITY AS e(event_id, aggregate_type, aggregate_id, event_type,
                          event_version, event_data, ordinal)
              LEFT JOIN {schema}.stored_domain_events AS k
                ON k.tenant_id = _tenant_id AND k.event_id = e.event_id
        ), verdict AS (
            SELECT bool_and(j.is_same) AS all_known FROM judged AS j
        )
        SELECT j.ordinal, CASE WHEN v.all_known THEN 'known' ELSE 'duplicate' END,
               j.position, j.aggregate_version, j.stored_at
          FROM judged AS j, verdict AS v
         WHERE j.position IS NOT NULL OR j.is_twice
         ORDER BY j.ordinal;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT e.ordinal, 'conflict', NULL::bigint, COALESCE(a.current_version, 0), NULL::timestamptz
          FROM unnest(_aggregate_types, _aggregate_ids, _expected_versions)
               WITH ORDINALITY AS e(aggregate_type, aggregate_id, expected, ordinal)
          LEFT JOIN {schema}.event_aggregates AS a
            ON a.tenant_id = _tenant_id
           AND a.aggregate_id = e.aggregate_id
           AND a.aggregate_type = e.aggregate_type
         WHERE e.expected IS NOT NULL AND e.expected <> COALESCE(a.current_version, 0)
         ORDER BY e.ordinal;
END
$function$;
