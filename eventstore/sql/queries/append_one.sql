-- Append one event in one round trip.
SELECT outcome, event_position, version, recorded_at
  FROM eventstore_append_one_v1(
       _tenant_id => %s::text, _aggregate_id => %s::text, _aggregate_type => %s::text,
       _event_id => %s::text, _event_type => %s::text, _event_version => %s::text,
       _event_data => %s::jsonb, _metadata => %s::jsonb, _occurred_at => %s::timestamptz,
       _expected_version => %s::bigint, _notify => %s::boolean,
       _is_alone => %s::boolean)
