-- The application reads the log and goes through the doors; elsewhere it works as usual.
DO $connect$
BEGIN
    IF NOT has_database_privilege({app_text}, current_database(), 'CONNECT') THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO {app}', current_database());
    END IF;
END
$connect$;
GRANT USAGE ON SCHEMA {schema} TO {app};
GRANT SELECT ON
    {schema}.stored_domain_events,
    {schema}.event_aggregates,
    {schema}.event_redactions
    TO {app};
-- Snapshots are pruned freely, but recorded by the function alone: it locks the
-- aggregate and refuses a state that a redaction has outdated.
GRANT SELECT, DELETE ON {schema}.event_snapshots TO {app};
GRANT EXECUTE ON FUNCTION
    {schema}.eventstore_append_one_v1,
    {schema}.eventstore_append_many_v1,
    {schema}.eventstore_redact_v1,
    {schema}.eventstore_record_snapshot_v1,
    {schema}.eventstore_stable_position_v1,
    {schema}.eventstore_head_position_v1,
    {schema}.eventstore_open_appends_v1,
    {schema}.eventstore_contains_v1,
    {schema}.eventstore_position_at_v1,
    {schema}.eventstore_notify_v1
    TO {app};
GRANT SELECT, UPDATE ON SEQUENCE {schema}.eventstore_notified_at TO {app};
DO $elsewhere$
DECLARE
    _act text;
BEGIN
    FOR _act IN
        SELECT CASE
               WHEN c.relkind = 'S'
               THEN format('GRANT USAGE ON SEQUENCE %s TO {app}', c.oid::regclass)
               WHEN c.relkind IN ('v', 'm')
               THEN format('GRANT SELECT ON %s TO {app}', c.oid::regclass)
               -- Other apps' append-only tables, such as the console's access log.
               WHEN EXISTS (SELECT FROM pg_trigger AS g
                             WHERE g.tgrelid = c.oid AND g.tgname = 'eventstore_guard')
               THEN format('GRANT SELECT, INSERT ON %s TO {app}', c.oid::regclass)
               ELSE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO {app}',
                           c.oid::regclass)
               END
          FROM pg_class AS c
          -- The table whose column the sequence fills.
          LEFT JOIN pg_depend AS d
            ON d.classid = 'pg_class'::regclass
           AND d.objid = c.oid
           AND c.relkind = 'S'
           AND d.deptype IN ('a', 'i')
          LEFT JOIN pg_class AS t ON t.oid = d.refobjid
         WHERE c.relnamespace = '{schema}'::regnamespace
           AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
           AND c.relowner = {owner_text}::regrole
           AND NOT COALESCE(t.relname, c.relname) = ANY (ARRAY[
               'stored_domain_events', 'event_aggregates', 'event_redactions',
               'event_snapshots', 'django_migrations'])
           AND NOT starts_with(COALESCE(t.relname, c.relname), 'eventstore_import')
        UNION ALL
        SELECT 'GRANT SELECT ON {schema}.django_migrations TO {app}'
         WHERE to_regclass('{schema}.django_migrations') IS NOT NULL
    LOOP
        EXECUTE _act;
    END LOOP;
END
$elsewhere$;
