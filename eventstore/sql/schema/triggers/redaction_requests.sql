-- The rules of requests for redactions. ENABLE ALWAYS: an ordinary trigger is silent under
-- session_replication_role = replica. Only the steps bear the name by which hardening
-- knows what is append-only.
CREATE TRIGGER eventstore_rules BEFORE INSERT OR UPDATE OR DELETE
    ON {schema}.event_redaction_requests
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_guard_request_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.event_redaction_requests
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.event_redaction_requests
    ENABLE ALWAYS TRIGGER eventstore_rules,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;

CREATE TRIGGER eventstore_rules BEFORE INSERT OR UPDATE OR DELETE
    ON {schema}.event_redaction_items
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_guard_request_item_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.event_redaction_items
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.event_redaction_items
    ENABLE ALWAYS TRIGGER eventstore_rules,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;

CREATE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE ON {schema}.event_redaction_steps
    FOR EACH ROW EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON {schema}.event_redaction_steps
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.eventstore_refuse_v1();
ALTER TABLE {schema}.event_redaction_steps
    ENABLE ALWAYS TRIGGER eventstore_guard,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;
