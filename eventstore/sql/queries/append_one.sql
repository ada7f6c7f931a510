-- Append one event in one round trip.
-- Not FROM the function: that would lay its one row out in a table first.
SELECT (done).outcome, (done).event_position, (done).version, (done).recorded_at
  FROM (SELECT eventstore_append_one_v1(
               %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::timestamptz,
               %s::jsonb, %s::jsonb, %s::bigint, %s::boolean) AS done
        OFFSET 0) AS appended
