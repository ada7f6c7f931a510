-- Append a batch over one or many aggregates, all or nothing. Internal: reserved names pass.
--
-- One row an event in the order of the arrays, outcome appended or known; or only the
-- refusals: conflict (version is where the event's aggregate stands), duplicate, isolation,
-- limit. A refusal raises the private SQLSTATE ES001 inside the block, which takes back
-- aggregates, events and lock, and never leaves this function.
-- Aggregates are locked in the order of their key, so that two batches cannot deadlock.
CREATE FUNCTION {schema}.eventstore_store_events_v1(
    _tenant_id text,
    _event_ids text[],
    _aggregate_types text[],
    _aggregate_ids text[],
    _event_types text[],
    _event_versions text[],
    _occurred_at timestamptz[],
    _event_data jsonb[],
    _metadata jsonb[],
    _expected_versions bigint[]
) RETURNS TABLE (
    ordinal bigint, outcome text, event_position bigint, version bigint, recorded_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _size CONSTANT integer := cardinality(_event_ids);
    _types text[];
    _ids text[];
    _bases bigint[];
    _times timestamptz[];
    _base bigint;
    _time timestamptz;
    _positions bigint[];
    _versions bigint[];
    _stored_at timestamptz[];
    _stale boolean;
    _is_entered boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN QUERY SELECT 1::bigint, 'isolation', NULL::bigint, NULL::bigint, NULL::timestamptz;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT e.ordinal, 'limit', NULL::bigint, NULL::bigint, NULL::timestamptz
          FROM unnest(_event_ids, _aggregate_types, _aggregate_ids, _event_types,
                      _event_versions, _occurred_at, _event_data, _metadata)
               WITH ORDINALITY AS e(event_id, aggregate_type, aggregate_id, event_type,
                      event_version, occurred_at, event_data, metadata, ordinal)
         WHERE NOT {schema}.eventstore_within_limits_v1(
               _tenant_id, e.event_id, e.aggregate_type, e.aggregate_id, e.event_type,
               e.event_version, e.occurred_at, e.event_data, e.metadata);
    IF FOUND THEN
        RETURN;
    END IF;

    <<attempt>>
    BEGIN
        _is_entered := {schema}.eventstore_enter_v1();
        IF _aggregate_ids[1] = ALL (_aggregate_ids)
           AND _aggregate_types[1] = ALL (_aggregate_types)
        THEN
            -- The batch of one aggregate, which most are: nothing to group, to join, to sort.
            INSERT INTO {schema}.event_aggregates AS a
                   (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
            VALUES (_tenant_id, _aggregate_ids[1], _aggregate_types[1], _size, clock_timestamp())
                ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
               SET current_version = a.current_version + _size,
                   last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
            RETURNING a.current_version - _size, a.last_stored_at INTO _base, _time;
            IF _base <> ANY (_expected_versions) THEN
                RAISE SQLSTATE 'ES001';
            END IF;
            WITH stored AS (
                INSERT INTO {schema}.stored_domain_events AS s
                       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
                        event_type, event_version, occurred_at, stored_at, event_data, metadata,
                        is_redacted)
                SELECT e.event_id, _tenant_id, _aggregate_types[1], _aggregate_ids[1],
                       _base + e.ordinal, e.event_type, e.event_version, e.occurred_at, _time,
                       e.event_data, e.metadata, false
                  FROM unnest(_event_ids, _event_types, _event_versions, _occurred_at,
                              _event_data, _metadata)
                       WITH ORDINALITY AS e(event_id, event_type, event_version, occurred_at,
                              event_data, metadata, ordinal)
                    ON CONFLICT (tenant_id, event_id) DO NOTHING
                RETURNING s.position, s.aggregate_version, s.stored_at
            )
            SELECT array_agg(s.position), array_agg(s.aggregate_version), array_agg(s.stored_at)
              INTO _positions, _versions, _stored_at
              FROM stored AS s;
        ELSE
            WITH wanted AS MATERIALIZED (
                SELECT e.aggregate_type, e.aggregate_id, count(*) AS events,
                       max(e.expected) AS expected
                  FROM unnest(_aggregate_types, _aggregate_ids, _expected_versions)
                       AS e(aggregate_type, aggregate_id, expected)
                 GROUP BY e.aggregate_type, e.aggregate_id
            ), bumped AS (
                INSERT INTO {schema}.event_aggregates AS a
                       (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
                SELECT _tenant_id, w.aggregate_id, w.aggregate_type, w.events, clock_timestamp()
                  FROM wanted AS w
                 ORDER BY w.aggregate_id COLLATE "C", w.aggregate_type COLLATE "C"
                    ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
                   SET current_version = a.current_version + EXCLUDED.current_version,
                       last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
                RETURNING a.aggregate_type, a.aggregate_id, a.current_version, a.last_stored_at
            )
            SELECT array_agg(b.aggregate_type), array_agg(b.aggregate_id),
                   array_agg(b.current_version - w.events), array_agg(b.last_stored_at),
                   bool_or(b.current_version - w.events <> w.expected)
              INTO _types, _ids, _bases, _times, _stale
              FROM bumped AS b
              JOIN wanted AS w USING (aggregate_type, aggregate_id);
            IF _stale THEN
                RAISE SQLSTATE 'ES001';
            END IF;

            WITH stored AS (
                INSERT INTO {schema}.stored_domain_events AS s
                       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
                        event_type, event_version, occurred_at, stored_at, event_data, metadata,
                        is_redacted)
                SELECT e.event_id, _tenant_id, e.aggregate_type, e.aggregate_id,
                       b.base + row_number() OVER (
                           PARTITION BY e.aggregate_type, e.aggregate_id ORDER BY e.ordinal),
                       e.event_type, e.event_version, e.occurred_at, b.last_stored_at,
                       e.event_data, e.metadata, false
                  FROM unnest(_event_ids, _aggregate_types, _aggregate_ids, _event_types,
                              _event_versions, _occurred_at, _event_data, _metadata)
                       WITH ORDINALITY AS e(event_id, aggregate_type, aggregate_id, event_type,
                              event_version, occurred_at, event_data, metadata, ordinal)
                  JOIN unnest(_types, _ids, _bases, _times)
                       AS b(aggregate_type, aggregate_id, base, last_stored_at)
                    USING (aggregate_type, aggregate_id)
                 ORDER BY e.ordinal
                    ON CONFLICT (tenant_id, event_id) DO NOTHING
                RETURNING s.position, s.aggregate_version, s.stored_at
            )
            SELECT array_agg(s.position), array_agg(s.aggregate_version), array_agg(s.stored_at)
              INTO _positions, _versions, _stored_at
              FROM (SELECT * FROM stored ORDER BY position) AS s;
        END IF;
        IF cardinality(_positions) IS DISTINCT FROM _size THEN
            RAISE SQLSTATE 'ES001';
        END IF;
    EXCEPTION WHEN SQLSTATE 'ES001' THEN
        _positions := NULL;
    END attempt;

    IF _positions IS NOT NULL THEN
        RETURN QUERY
            SELECT s.ordinal, 'appended', s.event_position, s.version, s.recorded_at
              FROM unnest(_positions, _versions, _stored_at)
                   WITH ORDINALITY AS s(event_position, version, recorded_at, ordinal);
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM {schema}.eventstore_judge_v1(
        _tenant_id, _event_ids, _aggregate_types, _aggregate_ids, _event_types,
        _event_versions, _event_data, _expected_versions);
    IF NOT FOUND THEN
        -- The expected versions were reached since: this is no conflict any more.
        RETURN QUERY SELECT * FROM {schema}.eventstore_store_events_v1(
            _tenant_id, _event_ids, _aggregate_types, _aggregate_ids, _event_types,
            _event_versions, _occurred_at, _event_data, _metadata, _expected_versions);
    END IF;
END
$function$;
