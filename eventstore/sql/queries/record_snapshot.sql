-- Record a snapshot under the aggregate's lock.
SELECT outcome, version, recorded_at
  FROM eventstore_record_snapshot_v1(
       %s::text, %s::text, %s::text, %s::text, %s::text, %s::jsonb, %s::text, %s::bigint)
