-- Whether an event's texts fit into the indexes and its documents are objects.
--
-- Checked before anything is inserted: a violated constraint would write the row,
-- payload included, into the server's log. NULL anywhere counts as not within limits.
CREATE FUNCTION {schema}.eventstore_within_limits_v1(
    _tenant_id text, _event_id text, _aggregate_type text, _aggregate_id text,
    _event_type text, _event_version text, _occurred_at timestamptz,
    _event_data jsonb, _metadata jsonb
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $function$
    SELECT COALESCE(
        '' <> ALL (ARRAY[_tenant_id, _event_id, _aggregate_type, _aggregate_id, _event_type,
                         _event_version])
        AND GREATEST(
            pg_catalog.octet_length(_tenant_id),
            pg_catalog.octet_length(_event_id),
            pg_catalog.octet_length(_aggregate_type),
            pg_catalog.octet_length(_event_type),
            pg_catalog.octet_length(_event_version),
            pg_catalog.octet_length(_metadata ->> 'correlation_id'),
            pg_catalog.octet_length(_metadata ->> 'causation_id'),
            pg_catalog.octet_length(_metadata -> 'actor' ->> 'id')) <= 200
        AND pg_catalog.octet_length(_aggregate_id) <= 800
        AND pg_catalog.isfinite(_occurred_at)
        AND pg_catalog.jsonb_typeof(_event_data) = 'object'
        AND pg_catalog.jsonb_typeof(_metadata) = 'object',
        false)
$function$;
