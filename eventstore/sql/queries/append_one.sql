-- Append one event in one round trip.
SELECT outcome, event_position, version, recorded_at
  FROM eventstore_append_one_v1(
       %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::timestamptz,
       %s::jsonb, %s::jsonb, %s::bigint, %s::boolean)
