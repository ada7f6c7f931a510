-- What Django's migrations cannot say of the tables.
--
-- The transaction of a redaction's record: the guard of events asks for it.
ALTER TABLE {schema}.event_redactions
    ADD COLUMN recorded_xid xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id();
-- ANALYZE would copy values of payloads into pg_statistic, where a redaction cannot reach.
ALTER TABLE {schema}.stored_domain_events
    ALTER COLUMN event_data SET STATISTICS 0,
    ALTER COLUMN metadata SET STATISTICS 0;
ALTER INDEX {schema}.eventstore_ev_correlation ALTER COLUMN 2 SET STATISTICS 0;
ALTER INDEX {schema}.eventstore_ev_causation ALTER COLUMN 2 SET STATISTICS 0;
ALTER INDEX {schema}.eventstore_ev_actor ALTER COLUMN 2 SET STATISTICS 0;
ALTER TABLE {schema}.event_snapshots ALTER COLUMN state SET STATISTICS 0;
-- A bump finds room beside the old row and touches no index (HOT).
ALTER TABLE {schema}.event_aggregates SET (fillfactor = 70);
-- What the statistics do not know yet is planned worse: new tenants, a young log.
ALTER TABLE {schema}.stored_domain_events SET (
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 500);
