-- The redactor owns the one door by which values go out. No right on a column outside the
-- payload: not even a fault in its function could move, rename or date an event.
GRANT USAGE ON SCHEMA {schema} TO {redactor};
GRANT SELECT, UPDATE (event_data, metadata, is_redacted)
    ON {schema}.stored_domain_events TO {redactor};
-- UPDATE of some column is what SELECT ... FOR UPDATE asks for.
GRANT SELECT, UPDATE (last_stored_at) ON {schema}.event_aggregates TO {redactor};
GRANT SELECT, INSERT ON {schema}.event_redactions TO {redactor};
GRANT SELECT, DELETE ON {schema}.event_snapshots TO {redactor};
-- The first stores eventstore.EventRedacted; the guard of events calls the second.
GRANT EXECUTE ON FUNCTION
    {schema}.eventstore_redact_v1,
    {schema}.eventstore_store_events_v1,
    {schema}.eventstore_only_removes_v1
    TO {redactor};
