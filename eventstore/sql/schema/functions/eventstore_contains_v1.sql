-- Positions of events whose payload contains a JSON object, by the optional index on payloads.
--
-- The tenants are conditions in here: under row-level security @> is no leakproof operator,
-- and a policy outside would turn the index off. The function's owner sees everybody, so a
-- scope that is set for the transaction holds in here as the policies would. MATERIALIZED: the planner knows nothing of
-- payloads, and would else rather walk the positions in their order and look at each event.
-- At most _limit rows, in no order: whoever gets that many knows that there may be more.
CREATE FUNCTION {schema}.eventstore_contains_v1(
    _tenant_ids text[],
    _contained jsonb,
    _after bigint,
    _up_to bigint,
    _limit integer
) RETURNS TABLE (event_position bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp
SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $function$
    WITH s AS MATERIALIZED (
        SELECT NULLIF(current_setting('eventstore.tenants', true), '')::text[] AS scope
    ), m AS MATERIALIZED (
        SELECT e.position
          FROM {schema}.stored_domain_events AS e
         WHERE e.event_data @> _contained
           AND e.tenant_id = ANY (_tenant_ids)
           AND ((SELECT s.scope FROM s) IS NULL
                OR e.tenant_id = ANY ((SELECT s.scope FROM s)::text[]))
           AND e.position > _after
           AND e.position <= _up_to
         LIMIT _limit
    )
    SELECT m.position FROM m
$function$;
