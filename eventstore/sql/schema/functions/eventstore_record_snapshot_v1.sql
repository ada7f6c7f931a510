-- Record a snapshot that ends with an event of the aggregate.
--
-- The aggregate is locked, as a redaction locks it. _redaction_mark is the newest redaction
-- that the folding process had seen, NULL when it does not say: then a state is refused
-- once anything under it was redacted, since it may hold what was removed.
-- outcome: recorded; known (the same snapshot again); no_event; outdated; duplicate (the id
-- belongs to another snapshot).
CREATE FUNCTION {schema}.eventstore_record_snapshot_v1(
    _tenant_id text,
    _aggregate_type text,
    _aggregate_id text,
    _snapshot_id text,
    _last_event_id text,
    _state jsonb,
    _fold_version text,
    _redaction_mark bigint,
    OUT outcome text,
    OUT version bigint,
    OUT recorded_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _known {schema}.event_snapshots%ROWTYPE;
BEGIN
    PERFORM FROM {schema}.event_aggregates AS a
      WHERE a.tenant_id = _tenant_id
        AND a.aggregate_id = _aggregate_id
        AND a.aggregate_type = _aggregate_type
        FOR UPDATE;
    SELECT e.aggregate_version INTO version
      FROM {schema}.stored_domain_events AS e
     WHERE e.tenant_id = _tenant_id
       AND e.event_id = _last_event_id
       AND e.aggregate_id = _aggregate_id
       AND e.aggregate_type = _aggregate_type;
    IF NOT FOUND THEN
        outcome := 'no_event';
        RETURN;
    END IF;
    IF _state IS NOT NULL AND EXISTS (
        SELECT FROM {schema}.event_redactions AS r
         WHERE r.tenant_id = _tenant_id
           AND r.aggregate_id = _aggregate_id
           AND r.aggregate_type = _aggregate_type
           AND r.aggregate_version <= version
           AND r.id > COALESCE(_redaction_mark, 0)
    ) THEN
        outcome := 'outdated';
        RETURN;
    END IF;
    INSERT INTO {schema}.event_snapshots AS s
           (snapshot_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
            last_event_id, state, fold_version, created_at)
    VALUES (_snapshot_id, _tenant_id, _aggregate_type, _aggregate_id, version,
            _last_event_id, _state, _fold_version, clock_timestamp())
        ON CONFLICT (tenant_id, snapshot_id) DO NOTHING
    RETURNING s.created_at INTO recorded_at;
    IF recorded_at IS NOT NULL THEN
        outcome := 'recorded';
        RETURN;
    END IF;
    SELECT * INTO _known
      FROM {schema}.event_snapshots AS s
     WHERE s.tenant_id = _tenant_id AND s.snapshot_id = _snapshot_id;
    recorded_at := _known.created_at;
    outcome := CASE WHEN _known.aggregate_type = _aggregate_type
                     AND _known.aggregate_id = _aggregate_id
                     AND _known.last_event_id = _last_event_id
                     AND _known.state IS NOT DISTINCT FROM _state
                     AND _known.fold_version = _fold_version
                    THEN 'known' ELSE 'duplicate' END;
END
$function$;
