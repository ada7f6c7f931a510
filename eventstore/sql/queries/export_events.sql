-- A page of the log as JSON Lines: texts, numbers and order of keys exactly as stored.
SELECT e.position,
       '{"position":' || e.position
       || ',"event_id":' || to_json(e.event_id)
       || ',"tenant_id":' || to_json(e.tenant_id)
       || ',"aggregate_id":' || to_json(e.aggregate_id)
       || ',"aggregate_type":' || to_json(e.aggregate_type)
       || ',"aggregate_version":' || e.aggregate_version
       || ',"event_type":' || to_json(e.event_type)
       || ',"event_version":' || to_json(e.event_version)
       || ',"occurred_at":"'
       || to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
       || '","stored_at":"'
       || to_char(e.stored_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
       || '","is_redacted":' || CASE WHEN e.is_redacted THEN 'true' ELSE 'false' END
       || ',"event_data":' || e.event_data::text
       || ',"metadata":' || e.metadata::text
       || '}'
  FROM stored_domain_events AS e
 WHERE e.position > %(after)s::bigint
   AND e.position <= %(until)s::bigint
   AND (%(tenant_id)s::text IS NULL OR e.tenant_id = %(tenant_id)s::text)
   AND (%(event_type)s::text IS NULL OR e.event_type = %(event_type)s::text)
   AND (%(aggregate_type)s::text IS NULL OR e.aggregate_type = %(aggregate_type)s::text)
   AND (%(aggregate_id)s::text IS NULL OR e.aggregate_id = %(aggregate_id)s::text)
   AND (%(occurred_since)s::timestamptz IS NULL OR e.occurred_at >= %(occurred_since)s::timestamptz)
   AND (%(occurred_until)s::timestamptz IS NULL OR e.occurred_at < %(occurred_until)s::timestamptz)
 ORDER BY e.position
 LIMIT %(limit)s::bigint
