-- The writer owns the doors by which events, aggregates and snapshots come in.
GRANT USAGE ON SCHEMA {schema} TO {writer};
GRANT SELECT, INSERT ON {schema}.stored_domain_events TO {writer};
-- DELETE: a first append that proves a retry is taken back; the guard keeps all others.
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.event_aggregates TO {writer};
GRANT SELECT ON {schema}.event_redactions TO {writer};
GRANT SELECT, INSERT ON {schema}.event_snapshots TO {writer};
GRANT SELECT ON SEQUENCE {schema}.stored_domain_events_position_seq TO {writer};
GRANT SELECT, UPDATE ON SEQUENCE {schema}.eventstore_notified_at TO {writer};
GRANT EXECUTE ON FUNCTION
    {schema}.eventstore_append_one_v1,
    {schema}.eventstore_append_many_v1,
    {schema}.eventstore_store_events_v1,
    {schema}.eventstore_record_snapshot_v1,
    {schema}.eventstore_stable_position_v1,
    {schema}.eventstore_head_position_v1,
    {schema}.eventstore_contains_v1,
    {schema}.eventstore_position_at_v1,
    {schema}.eventstore_enter_v1,
    {schema}.eventstore_hold_position_v1,
    {schema}.eventstore_notify_v1,
    {schema}.eventstore_judge_v1,
    {schema}.eventstore_unbump_v1,
    {schema}.eventstore_only_removes_v1,
    {schema}.eventstore_within_limits_v1
    TO {writer};
