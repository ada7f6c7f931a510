-- Lay out the lines of a chunk, for eventstore_import_chunk_v1 in the same transaction.
COPY eventstore_import_lines
     (line, aggregate_version, removed, tenant_id, aggregate_type, aggregate_id, event_id,
      event_type, event_version, occurred_at, event_data, metadata)
FROM STDIN WITH (NULL '')
