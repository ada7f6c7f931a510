-- Append a batch over one or many aggregates, all or nothing; reserved names are refused.
CREATE FUNCTION {schema}.eventstore_append_many_v1(
    _tenant_id text,
    _event_ids text[],
    _aggregate_types text[],
    _aggregate_ids text[],
    _event_types text[],
    _event_versions text[],
    _occurred_at timestamptz[],
    _event_data jsonb[],
    _metadata jsonb[],
    _expected_versions bigint[],
    _notify boolean DEFAULT true
) RETURNS TABLE (
    ordinal bigint, outcome text, event_position bigint, version bigint, recorded_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _is_notified boolean;
BEGIN
    -- An expression first, which is cheap: only what looks reserved is looked at one by one.
    IF strpos(E'\n' || array_to_string(_event_types || _aggregate_types, E'\n'),
              E'\neventstore.') > 0 THEN
        RETURN QUERY
            SELECT e.ordinal, 'reserved', NULL::bigint, NULL::bigint, NULL::timestamptz
              FROM unnest(_event_types, _aggregate_types)
                   WITH ORDINALITY AS e(event_type, aggregate_type, ordinal)
             WHERE starts_with(e.event_type, 'eventstore.')
                OR starts_with(e.aggregate_type, 'eventstore.');
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY SELECT * FROM {schema}.eventstore_store_events_v1(
        _tenant_id, _event_ids, _aggregate_types, _aggregate_ids, _event_types,
        _event_versions, _occurred_at, _event_data, _metadata, _expected_versions);
    -- Of a refused batch too: it is rare, and a look for nothing is cheap.
    _is_notified := _notify AND {schema}.eventstore_notify_v1();
END
$function$;
