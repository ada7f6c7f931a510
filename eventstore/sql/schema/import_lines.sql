-- Where an import lays the lines of a chunk before they become events. A row lives within one
-- transaction, so that two imports never meet and a killed one leaves nothing; unlogged,
-- since no crash needs it.
CREATE UNLOGGED TABLE {schema}.eventstore_import_lines (
    transaction_id xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
    line bigint NOT NULL,
    tenant_id text NOT NULL,
    event_id text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    -- NULL: the one that comes next.
    aggregate_version bigint,
    event_type text NOT NULL,
    event_version text NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    -- The pointers to where values were removed; NULL for an event that is whole.
    removed jsonb,
    PRIMARY KEY (transaction_id, line)
) WITH (
    -- Each chunk leaves its rows behind, dead: swept every minute, at full speed.
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 0
);
-- ANALYZE would copy values of payloads into pg_statistic.
ALTER TABLE {schema}.eventstore_import_lines
    ALTER COLUMN event_data SET STATISTICS 0,
    ALTER COLUMN metadata SET STATISTICS 0;
