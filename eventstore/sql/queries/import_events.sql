-- Store the events of a chunk for which import_reserve.sql has made room in this transaction.
COPY stored_domain_events
     (aggregate_version, stored_at, is_redacted, tenant_id, aggregate_type, aggregate_id, event_id,
      event_type, event_version, occurred_at, event_data, metadata)
FROM STDIN WITH (NULL '')
