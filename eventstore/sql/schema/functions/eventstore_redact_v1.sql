-- Remove an event's payload, or the values that _fields point to (RFC 6901), and record it.
--
-- The only function that may remove. In one transaction: the record, the removal, the
-- snapshots that contain the event, and eventstore.EventRedacted for whoever keeps a copy.
-- outcome: redacted; unchanged (all of it was gone already); not_found; missing (detail is
-- the pointer that leads nowhere); reserved (the store's own events stay); isolation.
CREATE FUNCTION {schema}.eventstore_redact_v1(
    _tenant_id text,
    _event_id text,
    _fields text[],
    _reason text,
    _actor jsonb,
    _request_id text,
    _redaction_id text,
    _notice_id text,
    _notice_metadata jsonb,
    OUT outcome text,
    OUT detail text,
    OUT notice_position bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _marker CONSTANT jsonb := '{"redacted": true}';
    _event {schema}.stored_domain_events%ROWTYPE;
    _documents jsonb;
    _pointer text;
    _path text[];
    _depth integer;
    _parent jsonb;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        outcome := 'isolation';
        RETURN;
    END IF;
    SELECT * INTO _event
      FROM {schema}.stored_domain_events AS e
     WHERE e.tenant_id = _tenant_id AND e.event_id = _event_id;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF starts_with(_event.event_type, 'eventstore.')
       OR starts_with(_event.aggregate_type, 'eventstore.') THEN
        outcome := 'reserved';
        RETURN;
    END IF;
    -- A snapshot is recorded under the same lock: none of before can be saved after this.
    PERFORM FROM {schema}.event_aggregates AS a
      WHERE a.tenant_id = _tenant_id
        AND a.aggregate_id = _event.aggregate_id
        AND a.aggregate_type = _event.aggregate_type
        FOR UPDATE;
    SELECT * INTO _event
      FROM {schema}.stored_domain_events AS e
     WHERE e.tenant_id = _tenant_id AND e.event_id = _event_id;

    _documents := jsonb_build_object('data', _event.event_data, 'metadata', _event.metadata);
    FOREACH _pointer IN ARRAY
        CASE WHEN cardinality(_fields) = 0 THEN ARRAY['/data'] ELSE _fields END
    LOOP
        SELECT array_agg(replace(replace(t.token, '~1', '/'), '~0', '~') ORDER BY t.place)
          INTO _path
          FROM unnest(string_to_array(substr(_pointer, 2), '/')) WITH ORDINALITY AS t(token, place);
        FOR _depth IN 1 .. cardinality(_path) LOOP
            _parent := _documents #> _path[1:_depth - 1];
            IF _parent = _marker THEN
                EXIT;
            END IF;
            IF _documents #> _path[1:_depth] IS NULL
               OR jsonb_typeof(_parent) = 'array' AND _path[_depth] !~ '^(0|[1-9][0-9]*)$' THEN
                outcome := 'missing';
                detail := _pointer;
                RETURN;
            END IF;
        END LOOP;
        IF _parent = _marker THEN
            CONTINUE;
        END IF;
        _documents := jsonb_set(_documents, _path, _marker, false);
    END LOOP;
    IF _event.is_redacted
       AND _documents -> 'data' = _event.event_data
       AND _documents -> 'metadata' = _event.metadata THEN
        outcome := 'unchanged';
        RETURN;
    END IF;

    INSERT INTO {schema}.event_redactions
           (redaction_id, tenant_id, event_id, "position", aggregate_type, aggregate_id,
            aggregate_version, fields, reason, actor, request_id, kind)
    VALUES (_redaction_id, _tenant_id, _event_id, _event.position, _event.aggregate_type,
            _event.aggregate_id, _event.aggregate_version, to_jsonb(_fields), _reason, _actor,
            _request_id, 'redacted');
    UPDATE {schema}.stored_domain_events AS e
       SET event_data = _documents -> 'data',
           metadata = _documents -> 'metadata',
           is_redacted = true
     WHERE e.tenant_id = _tenant_id AND e.position = _event.position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the event to redact has gone' USING ERRCODE = 'ES005';
    END IF;
    DELETE FROM {schema}.event_snapshots AS s
     WHERE s.tenant_id = _tenant_id
       AND s.aggregate_id = _event.aggregate_id
       AND s.aggregate_type = _event.aggregate_type
       AND s.aggregate_version >= _event.aggregate_version;
    SELECT n.event_position INTO STRICT notice_position
      FROM {schema}.eventstore_store_events_v1(
           _tenant_id, ARRAY[_notice_id], ARRAY['eventstore.Redaction'], ARRAY[_redaction_id],
           ARRAY['eventstore.EventRedacted'], ARRAY['v1'], ARRAY[clock_timestamp()],
           ARRAY[jsonb_build_object(
               'event_id', _event_id,
               'position', _event.position,
               'event_type', _event.event_type,
               'aggregate_type', _event.aggregate_type,
               'aggregate_id', _event.aggregate_id,
               'aggregate_version', _event.aggregate_version,
               'fields', to_jsonb(_fields))],
           ARRAY[_notice_metadata], ARRAY[0::bigint]) AS n
     WHERE n.outcome = 'appended';
    outcome := 'redacted';
END
$function$;
