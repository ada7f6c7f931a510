-- Mark this transaction as one that may still commit positions above the sequence's value.
--
-- Called before the first position of a transaction is drawn. The shared advisory lock
-- carries the sequence's value; what is remembered of it is local to the transaction and
-- dropped together with the lock when a savepoint is rolled back. It holds the
-- transaction's id, so that a setting of the same name by anybody else means nothing.
-- Returns true: `x := f()` costs a third of PERFORM, which runs a query; so all is expressions.
-- No SET search_path: each caller has pinned its own, and setting it costs an append.
CREATE FUNCTION {schema}.eventstore_enter_v1() RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    _transaction text := pg_catalog.pg_current_xact_id()::pg_catalog.text;
    _drawn bigint;
    _done text;
BEGIN
    IF pg_catalog.current_setting('eventstore.appending', true) = _transaction THEN
        RETURN true;
    END IF;
    -- NULL before anything was drawn, and after a restore until then.
    _drawn := pg_catalog.pg_sequence_last_value(
        $name${schema}.stored_domain_events_position_seq$name$::pg_catalog.regclass);
    IF _drawn IS NULL THEN
        SELECT CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END
          INTO _drawn
          FROM {schema}.stored_domain_events_position_seq AS s;
    END IF;
    _done := pg_catalog.pg_advisory_xact_lock_shared(({lock_namespace}::bigint << 48) | _drawn);
    _done := pg_catalog.set_config('eventstore.appending', _transaction, true);
    RETURN true;
END
$function$;
