-- Ask a process again at a time; a new time replaces an older one.
INSERT INTO event_process_timeouts (tenant_id, process, correlation_id, name, due_at)
VALUES (%s::text, %s::text, %s::text, %s::text, %s::timestamptz)
    ON CONFLICT (tenant_id, process, correlation_id, name) DO UPDATE
   SET due_at = EXCLUDED.due_at
RETURNING due_at
