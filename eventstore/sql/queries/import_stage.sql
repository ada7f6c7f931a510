-- Lay out the lines of a chunk, for eventstore_import_chunk_v1 in the same transaction.
COPY eventstore_import_lines
     (line, tenant_id, event_id, aggregate_type, aggregate_id, aggregate_version, event_type,
      event_version, occurred_at, event_data, metadata, removed)
FROM STDIN WITH (NULL '')
