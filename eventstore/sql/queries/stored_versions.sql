-- Which versions of which event types are stored, of all tenants, for the migrations command.
SELECT event_type, event_version, count(*)
  FROM stored_domain_events
 GROUP BY event_type, event_version
 ORDER BY event_type, event_version
