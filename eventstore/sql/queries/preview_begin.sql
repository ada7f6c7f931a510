-- What a dry run remembers of the lines that would be stored; gone with its transaction.
CREATE TEMPORARY TABLE eventstore_preview (
    tenant_id text,
    event_id text,
    aggregate_id text,
    aggregate_type text,
    version bigint,
    line bigint,
    -- Of all that makes two events the same.
    digest bytea,
    PRIMARY KEY (tenant_id, event_id),
    UNIQUE (tenant_id, aggregate_id, aggregate_type, version)
) ON COMMIT DROP
