-- Take the guards away with the tables, while the log is empty; a filled one is kept.
DO $block$
BEGIN
    IF EXISTS (SELECT FROM {schema}.stored_domain_events) THEN
        RAISE EXCEPTION 'the log is not empty: its tables are not dropped' USING ERRCODE = 'ES002';
    END IF;
END
$block$;
DROP TRIGGER eventstore_guard ON {schema}.stored_domain_events;
DROP TRIGGER eventstore_no_truncate ON {schema}.stored_domain_events;
DROP TRIGGER eventstore_guard ON {schema}.event_redactions;
DROP TRIGGER eventstore_no_truncate ON {schema}.event_redactions;
DROP TRIGGER eventstore_guard ON {schema}.event_aggregates;
DROP TRIGGER eventstore_no_truncate ON {schema}.event_aggregates;
