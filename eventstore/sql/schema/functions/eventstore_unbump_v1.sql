-- Take back the bump of an aggregate to _version whose event turned out to be stored already.
CREATE FUNCTION {schema}.eventstore_unbump_v1(
    _tenant_id text, _aggregate_type text, _aggregate_id text, _version bigint
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
BEGIN
    IF _version = 1 THEN
        DELETE FROM {schema}.event_aggregates AS a
         WHERE a.tenant_id = _tenant_id
           AND a.aggregate_id = _aggregate_id
           AND a.aggregate_type = _aggregate_type;
        RETURN;
    END IF;
    -- Its time as well, unless the last event has moved to the archive.
    UPDATE {schema}.event_aggregates AS a
       SET current_version = _version - 1,
           last_stored_at = COALESCE((
               SELECT e.stored_at
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = _tenant_id
                  AND e.aggregate_id = _aggregate_id
                  AND e.aggregate_type = _aggregate_type
                  AND e.aggregate_version = _version - 1), a.last_stored_at)
     WHERE a.tenant_id = _tenant_id
       AND a.aggregate_id = _aggregate_id
       AND a.aggregate_type = _aggregate_type;
END
$function$;
