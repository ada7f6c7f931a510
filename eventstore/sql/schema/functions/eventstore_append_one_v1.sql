-- Append one event: an upsert of the aggregate and an insert, without a subtransaction.
--
-- outcome: appended; known (a retry: the first result comes back); conflict (version is
-- where the aggregate stands); duplicate (the id belongs to another event); isolation;
-- limit; reserved. All but the first leave the aggregates as they were.
-- The id is looked up in the statement that bumps the aggregate, which finds every retry
-- but a concurrent one; that one meets ON CONFLICT, and the bump is undone by hand.
-- The look-up is written as a range in the order of the id, so that no index but that of the
-- ids can serve it: in a young log, whose statistics are missing, any index that begins with
-- the tenant looks as good, and a plan that walks all of a tenant's events would be kept.
-- Sorting is priced out: for a tenant of whom the statistics know nothing, walking all of its
-- events and sorting what is left looks as cheap. (And a plan of that price would be compiled.)
-- _is_alone: the transaction ends with this call, so that nothing need be remembered for others.
CREATE FUNCTION {schema}.eventstore_append_one_v1(
    _tenant_id text,
    _event_id text,
    _aggregate_type text,
    _aggregate_id text,
    _event_type text,
    _event_version text,
    _occurred_at timestamptz,
    _event_data jsonb,
    _metadata jsonb,
    _expected_version bigint,
    _notify boolean DEFAULT true,
    _is_alone boolean DEFAULT false,
    OUT outcome text,
    OUT event_position bigint,
    OUT version bigint,
    OUT recorded_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp
SET enable_sort = off SET jit = off AS $function$
DECLARE
    _is_entered boolean;
    _is_notified boolean;
    _known {schema}.stored_domain_events%ROWTYPE;
BEGIN
    -- One expression: PostgreSQL sets each up anew in every transaction.
    IF current_setting('transaction_isolation') <> 'read committed'
       OR starts_with(_event_type, 'eventstore.')
       OR starts_with(_aggregate_type, 'eventstore.')
       OR NOT {schema}.eventstore_within_limits_v1(
           _tenant_id, _event_id, _aggregate_type, _aggregate_id, _event_type,
           _event_version, _occurred_at, _event_data, _metadata)
    THEN
        outcome := CASE
            WHEN current_setting('transaction_isolation') <> 'read committed' THEN 'isolation'
            WHEN starts_with(_event_type, 'eventstore.')
                 OR starts_with(_aggregate_type, 'eventstore.') THEN 'reserved'
            ELSE 'limit' END;
        RETURN;
    END IF;

    IF _expected_version IS NULL THEN
        INSERT INTO {schema}.event_aggregates AS a
               (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
        SELECT _tenant_id, _aggregate_id, _aggregate_type, 1, clock_timestamp()
         WHERE (
               SELECT e.event_id
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = _tenant_id
                  AND e.event_id BETWEEN _event_id AND _event_id
                ORDER BY e.event_id LIMIT 1) IS NULL
            ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
           SET current_version = a.current_version + 1,
               last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
        RETURNING a.current_version, a.last_stored_at INTO version, recorded_at;
    ELSIF _expected_version = 0 THEN
        INSERT INTO {schema}.event_aggregates AS a
               (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
        SELECT _tenant_id, _aggregate_id, _aggregate_type, 1, clock_timestamp()
         WHERE (
               SELECT e.event_id
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = _tenant_id
                  AND e.event_id BETWEEN _event_id AND _event_id
                ORDER BY e.event_id LIMIT 1) IS NULL
            ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO NOTHING
        RETURNING a.current_version, a.last_stored_at INTO version, recorded_at;
    ELSE
        UPDATE {schema}.event_aggregates AS a
           SET current_version = a.current_version + 1,
               last_stored_at = GREATEST(a.last_stored_at, clock_timestamp())
         WHERE a.tenant_id = _tenant_id
           AND a.aggregate_id = _aggregate_id
           AND a.aggregate_type = _aggregate_type
           AND a.current_version = _expected_version
           AND (
               SELECT e.event_id
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = _tenant_id
                  AND e.event_id BETWEEN _event_id AND _event_id
                ORDER BY e.event_id LIMIT 1) IS NULL
        RETURNING a.current_version, a.last_stored_at INTO version, recorded_at;
    END IF;

    IF version IS NOT NULL THEN
        IF _is_alone THEN
            _is_entered := {schema}.eventstore_hold_position_v1();
        ELSE
            _is_entered := {schema}.eventstore_enter_v1();
        END IF;
        INSERT INTO {schema}.stored_domain_events AS e
               (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
                event_type, event_version, occurred_at, stored_at, event_data, metadata,
                is_redacted)
        VALUES (_event_id, _tenant_id, _aggregate_type, _aggregate_id, version,
                _event_type, _event_version, _occurred_at, recorded_at, _event_data, _metadata,
                false)
            ON CONFLICT (tenant_id, event_id) DO NOTHING
        RETURNING e.position INTO event_position;
        IF event_position IS NOT NULL THEN
            outcome := 'appended';
            IF _notify THEN
                _is_notified := {schema}.eventstore_notify_v1();
            END IF;
            RETURN;
        END IF;
        PERFORM {schema}.eventstore_unbump_v1(_tenant_id, _aggregate_type, _aggregate_id, version);
    END IF;

    -- In a statement of its own: it must see what was committed while the lock was awaited.
    SELECT * INTO _known
      FROM {schema}.stored_domain_events AS e
     WHERE e.tenant_id = _tenant_id AND e.event_id = _event_id;
    IF NOT FOUND THEN
        outcome := 'conflict';
        version := COALESCE((
            SELECT a.current_version
              FROM {schema}.event_aggregates AS a
             WHERE a.tenant_id = _tenant_id
               AND a.aggregate_id = _aggregate_id
               AND a.aggregate_type = _aggregate_type), 0);
        IF version = _expected_version THEN
            -- It was reached since: this is no conflict any more.
            SELECT a.outcome, a.event_position, a.version, a.recorded_at
              INTO outcome, event_position, version, recorded_at
              FROM {schema}.eventstore_append_one_v1(
                   _tenant_id, _event_id, _aggregate_type, _aggregate_id, _event_type,
                   _event_version, _occurred_at, _event_data, _metadata, _expected_version,
                   _notify, _is_alone) AS a;
        END IF;
        RETURN;
    END IF;
    outcome := CASE WHEN _known.aggregate_type = _aggregate_type
                     AND _known.aggregate_id = _aggregate_id
                     AND _known.event_type = _event_type
                     AND _known.event_version = _event_version
                     AND {schema}.eventstore_only_removes_v1(_event_data, _known.event_data)
                    THEN 'known' ELSE 'duplicate' END;
    event_position := _known.position;
    version := _known.aggregate_version;
    recorded_at := _known.stored_at;
END
$function$;
