-- Hold the stable position below what this transaction may commit from now on.
--
-- The shared advisory lock carries the sequence's value, which has no last one before anything
-- was drawn, and after a restore until then. Returns true. One expression in SQL, which
-- PostgreSQL puts into its caller's: a function of its own costs an append a tenth of its time,
-- and so does a SET search_path.
CREATE FUNCTION {schema}.eventstore_hold_position_v1() RETURNS boolean
LANGUAGE sql VOLATILE AS $function$
    SELECT pg_catalog.pg_advisory_xact_lock_shared(
               ({lock_namespace}::bigint << 48)
               | COALESCE(
                   pg_catalog.pg_sequence_last_value($name$
                       {schema}.stored_domain_events_position_seq
                       $name$::pg_catalog.regclass),
                   {schema}.eventstore_head_position_v1())
           ) IS NOT NULL
$function$;
