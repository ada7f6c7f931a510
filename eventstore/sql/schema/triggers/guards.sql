-- The guards of history. ENABLE ALWAYS: an ordinary trigger is silent under
-- session_replication_role = replica.
CREATE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE ON {schema}.stored_domain_events
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_guard_event_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.stored_domain_events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.stored_domain_events
    ENABLE ALWAYS TRIGGER eventstore_guard,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;

CREATE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE ON {schema}.event_redactions
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.event_redactions
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.event_redactions
    ENABLE ALWAYS TRIGGER eventstore_guard,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;

CREATE TRIGGER eventstore_guard BEFORE DELETE ON {schema}.event_aggregates
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_guard_aggregate_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.event_aggregates
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.event_aggregates
    ENABLE ALWAYS TRIGGER eventstore_guard,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;
