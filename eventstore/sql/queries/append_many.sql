-- Append a batch in one round trip.
SELECT ordinal, outcome, event_position, version, recorded_at
  FROM eventstore_append_many_v1(
       %s::text, %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
       %s::timestamptz[], %s::text[]::jsonb[], %s::text[]::jsonb[], %s::bigint[],
       %s::boolean)
