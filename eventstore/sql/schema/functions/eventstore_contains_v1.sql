-- Positions of events whose payload contains a JSON object, by the optional index on payloads.
--
-- The tenants are conditions in here: under row-level security @> is no leakproof operator,
-- and a policy outside would turn the index off. The function's owner sees everybody, so a
-- scope that is set for the transaction holds in here as the policies would.
-- MATERIALIZED: the planner knows nothing of payloads, and would else rather walk the
-- positions in their order and look at each event.
-- The other conditions are expressions that no index has, so that none is read beside it, and
-- the plan is made for the values: a general one reads the whole index.
-- At most _limit rows, in no order: whoever gets that many knows that there may be more.
CREATE FUNCTION {schema}.eventstore_contains_v1(
    _tenant_ids text[],
    _contained jsonb,
    _after bigint,
    _up_to bigint,
    _limit integer
) RETURNS TABLE (event_position bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $function$
DECLARE
    _scope CONSTANT text[] := NULLIF(current_setting('eventstore.tenants', true), '')::text[];
    _visible CONSTANT text[] := CASE
        WHEN _scope IS NULL THEN _tenant_ids
        ELSE ARRAY(SELECT unnest(_tenant_ids) INTERSECT SELECT unnest(_scope)) END;
BEGIN
    RETURN QUERY
        WITH m AS MATERIALIZED (
            SELECT e.position
              FROM {schema}.stored_domain_events AS e
             WHERE e.event_data @> _contained
               AND e.tenant_id || '' = ANY (_visible)
               AND e.position + 0 > _after
               AND e.position + 0 <= _up_to
             LIMIT _limit
        )
        SELECT m.position FROM m;
END
$function$;
