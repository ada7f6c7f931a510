-- Whether an event with the id of one of these lines of an import is stored by now.
CREATE FUNCTION {schema}.eventstore_import_any_stored_v1(_lines bigint[]) RETURNS boolean
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
    SELECT EXISTS (
        SELECT
          FROM {schema}.eventstore_import_lines AS s
         CROSS JOIN LATERAL (
               SELECT e.position
                 FROM {schema}.stored_domain_events AS e
                WHERE e.tenant_id = s.tenant_id AND e.event_id = s.event_id
               OFFSET 0) AS k
         WHERE s.transaction_id = pg_current_xact_id()
           AND s.line = ANY (_lines))
$function$;
