-- The position up to which nothing can appear any more; NULL outside READ COMMITTED.
--
-- The sequence is read before the locks, and the caller reads events after both, in a
-- statement of its own. _ignore_own leaves out what the caller's own transaction holds,
-- so that it sees what it has just appended; feeds and subscriptions must not.
CREATE FUNCTION {schema}.eventstore_stable_position_v1(_ignore_own boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _drawn bigint;
    _oldest bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN NULL;
    END IF;
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END
      INTO _drawn
      FROM {schema}.stored_domain_events_position_seq AS s;
    -- An advisory lock on one bigint shows as classid (high half), objid (low half), 1.
    SELECT min(((l.classid::bigint << 32) | l.objid::bigint) & ((1::bigint << 48) - 1))
      INTO _oldest
      FROM pg_locks AS l
     WHERE l.locktype = 'advisory'
       AND l.objsubid = 1
       AND l.classid::bigint >> 16 = {lock_namespace}
       AND l.mode = 'ShareLock'
       AND l.granted
       AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
       AND (NOT _ignore_own OR l.pid IS DISTINCT FROM pg_backend_pid());
    RETURN LEAST(_drawn, _oldest);
END
$function$;
