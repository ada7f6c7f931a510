-- The last position of what was stored before a moment; 0 when that is nothing.
--
-- A binary search, since positions rise with the time of storing, but not strictly: an append
-- takes its time before its position, and may wait in between. Whoever needs all of a range
-- asks for a wider one, and compares stored_at as well.
CREATE FUNCTION {schema}.eventstore_position_at_v1(_moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off
SET jit = off AS $function$
DECLARE
    -- What is at or below _low was stored before, what is at or above _high was not.
    _low bigint := 0;
    _high bigint;
    _position bigint;
    _stored_at timestamptz;
BEGIN
    SELECT e.position + 1 INTO _high
      FROM {schema}.stored_domain_events AS e
     ORDER BY e.position DESC
     LIMIT 1;
    WHILE _low + 1 < _high LOOP
        SELECT e.position, e.stored_at INTO _position, _stored_at
          FROM {schema}.stored_domain_events AS e
         WHERE e.position >= _low + (_high - _low) / 2
         ORDER BY e.position
         LIMIT 1;
        IF _position < _high AND _stored_at < _moment THEN
            _low := _position;
        ELSE
            _high := _low + (_high - _low) / 2;
        END IF;
    END LOOP;
    RETURN _low;
END
$function$;
