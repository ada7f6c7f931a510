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
        pg_catalog.octet_length(_tenant_id) BETWEEN 1 AND 200
        AND pg_catalog.octet_length(_event_id) BETWEEN 1 AND 200
        AND pg_catalog.octet_length(_aggregate_type) BETWEEN 1 AND 200
        AND pg_catalog.octet_length(_aggregate_id) BETWEEN 1 AND 800
        AND pg_catalog.octet_length(_event_type) BETWEEN 1 AND 200
        AND pg_catalog.octet_length(_event_version) BETWEEN 1 AND 200
        AND pg_catalog.isfinite(_occurred_at)
        AND pg_catalog.jsonb_typeof(_event_data) = 'object'
        AND pg_catalog.jsonb_typeof(_metadata) = 'object'
        AND COALESCE(pg_catalog.octet_length(_metadata ->> 'correlation_id'), 0) <= 200
        AND COALESCE(pg_catalog.octet_length(_metadata ->> 'causation_id'), 0) <= 200
        AND COALESCE(pg_catalog.octet_length(_metadata -> 'actor' ->> 'id'), 0) <= 200,
        false)
$function$;
