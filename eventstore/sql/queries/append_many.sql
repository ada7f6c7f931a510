-- Append a batch in one round trip.
SELECT ordinal, outcome, event_position, version, recorded_at
  FROM eventstore_append_many_v1(
       _tenant_id => %s::text, _aggregate_ids => %s::text[], _aggregate_types => %s::text[],
       _event_ids => %s::text[], _event_types => %s::text[], _event_versions => %s::text[],
       _event_data => %s::text[]::jsonb[], _metadata => %s::text[]::jsonb[],
       _occurred_at => %s::timestamptz[], _expected_versions => %s::bigint[],
       _notify => %s::boolean)
