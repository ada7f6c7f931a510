-- Mark this transaction as one that may still commit positions above the sequence's value.
--
-- Called before the first position of a transaction is drawn. The shared advisory lock
-- carries the sequence's value; what is remembered of it is local to the transaction and
-- dropped together with the lock when a savepoint is rolled back. It holds the
-- transaction's id, so that a setting of the same name by anybody else means nothing.
-- The sequence has no last value before anything was drawn, and after a restore until then.
-- Returns true. One expression in SQL, which PostgreSQL puts into its caller's: a function of
-- its own costs an append a tenth of its time, and so does a SET search_path.
CREATE FUNCTION {schema}.eventstore_enter_v1() RETURNS boolean
LANGUAGE sql VOLATILE AS $function$
    SELECT CASE
        WHEN pg_catalog.current_setting('eventstore.appending', true)
             = pg_catalog.pg_current_xact_id()::pg_catalog.text
        THEN true
        ELSE pg_catalog.pg_advisory_xact_lock_shared(
                 ({lock_namespace}::bigint << 48)
                 | COALESCE(
                     pg_catalog.pg_sequence_last_value($name$
                         {schema}.stored_domain_events_position_seq
                         $name$::pg_catalog.regclass),
                     {schema}.eventstore_head_position_v1())
             )::pg_catalog.text IS NOT NULL
             AND pg_catalog.set_config(
                 'eventstore.appending', pg_catalog.pg_current_xact_id()::pg_catalog.text, true)
             IS NOT NULL
        END
$function$;
