-- The transactions that have appended and not ended, each with where its lock stands.
CREATE FUNCTION {schema}.eventstore_open_appends_v1()
RETURNS TABLE (pid integer, lock_position bigint)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp AS $function$
    SELECT l.pid, ((l.classid::bigint << 32) | l.objid::bigint) & ((1::bigint << 48) - 1)
      FROM pg_locks AS l
     WHERE l.locktype = 'advisory'
       AND l.objsubid = 1
       AND l.classid::bigint >> 16 = {lock_namespace}
       AND l.mode = 'ShareLock'
       AND l.granted
       AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
$function$;
