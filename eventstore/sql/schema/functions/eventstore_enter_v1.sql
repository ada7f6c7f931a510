-- Mark this transaction as one that may still commit positions above the sequence's value.
--
-- Called before the first position of a transaction is drawn; further calls hold nothing more.
-- What is remembered is local to the transaction and dropped together with the lock when a
-- savepoint is rolled back. It holds the transaction's id, so that a setting of the same name by
-- anybody else means nothing. Returns true. One expression in SQL, as what it calls.
CREATE FUNCTION {schema}.eventstore_enter_v1() RETURNS boolean
LANGUAGE sql VOLATILE AS $function$
    SELECT CASE
        WHEN pg_catalog.current_setting('eventstore.appending', true)
             = pg_catalog.pg_current_xact_id()::pg_catalog.text
        THEN true
        ELSE {schema}.eventstore_hold_position_v1()
             AND pg_catalog.set_config(
                 'eventstore.appending', pg_catalog.pg_current_xact_id()::pg_catalog.text, true)
             IS NOT NULL
        END
$function$;
