-- Wake whoever follows the log when this transaction commits, unless they were a moment ago.
--
-- Commits that notify wait for one another, and who was woken keeps looking for longer than
-- the 25 ms in which all sessions together notify once. Returns whether it did. A clock that
-- was set back silences nobody. One expression in SQL, which PostgreSQL puts into its caller's.
CREATE FUNCTION {schema}.eventstore_notify_v1() RETURNS boolean
LANGUAGE sql VOLATILE AS $function$
    SELECT CASE
        WHEN pg_catalog.pg_sequence_last_value(
                 $name${schema}.eventstore_notified_at$name$::pg_catalog.regclass)
             BETWEEN pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000 - 25
                 AND pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000
        THEN false
        ELSE pg_catalog.setval(
                 $name${schema}.eventstore_notified_at$name$::pg_catalog.regclass,
                 (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint)
             IS NOT NULL
             AND pg_catalog.pg_notify('eventstore', '')::text IS NOT NULL
        END
$function$;
