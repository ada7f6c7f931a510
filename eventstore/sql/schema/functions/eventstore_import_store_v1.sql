-- Make events of an import's lines, in their order, and a record of each that came redacted.
--
-- Returns how many were stored: less than given when an id was taken meanwhile.
CREATE FUNCTION {schema}.eventstore_import_store_v1(
    _lines bigint[], _versions bigint[], _times timestamptz[]
) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _stored bigint;
BEGIN
    INSERT INTO {schema}.stored_domain_events
           (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
            event_type, event_version, occurred_at, stored_at, event_data, metadata,
            is_redacted)
    SELECT s.event_id, s.tenant_id, s.aggregate_type, s.aggregate_id, n.version,
           s.event_type, s.event_version, s.occurred_at, n.stored_at, s.event_data, s.metadata,
           s.removed IS NOT NULL
      FROM unnest(_lines, _versions, _times) AS n(line, version, stored_at)
     CROSS JOIN LATERAL (
           SELECT *
             FROM {schema}.eventstore_import_lines AS s
            WHERE s.transaction_id = pg_current_xact_id() AND s.line = n.line
           OFFSET 0) AS s
     ORDER BY n.line
        ON CONFLICT (tenant_id, event_id) DO NOTHING;
    GET DIAGNOSTICS _stored = ROW_COUNT;

    INSERT INTO {schema}.event_redactions
           (redaction_id, tenant_id, event_id, "position", aggregate_type, aggregate_id,
            aggregate_version, fields, reason, actor, request_id, kind)
    SELECT gen_random_uuid()::text, s.tenant_id, s.event_id, e.position, s.aggregate_type,
           s.aggregate_id, e.aggregate_version, s.removed, 'Redacted before it was imported.',
           '{"type": "system", "id": "eventstore_import"}', NULL, 'imported'
      FROM {schema}.eventstore_import_lines AS s
     CROSS JOIN LATERAL (
           SELECT e.position, e.aggregate_version
             FROM {schema}.stored_domain_events AS e
            WHERE e.tenant_id = s.tenant_id AND e.event_id = s.event_id
           OFFSET 0) AS e
     WHERE s.transaction_id = pg_current_xact_id()
       AND s.removed IS NOT NULL
       AND s.line = ANY (_lines);
    RETURN _stored;
END
$function$;
