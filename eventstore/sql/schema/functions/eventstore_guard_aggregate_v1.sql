-- Refuse to delete an aggregate's row while it has events; an undone first append has none.
CREATE FUNCTION {schema}.eventstore_guard_aggregate_v1() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    IF OLD.archived_through > 0 OR EXISTS (
        SELECT FROM {schema}.stored_domain_events AS e
         WHERE e.tenant_id = OLD.tenant_id
           AND e.aggregate_id = OLD.aggregate_id
           AND e.aggregate_type = OLD.aggregate_type
    ) THEN
        RAISE EXCEPTION 'an aggregate that has events is never deleted' USING ERRCODE = 'ES002';
    END IF;
    RETURN OLD;
END
$function$;
