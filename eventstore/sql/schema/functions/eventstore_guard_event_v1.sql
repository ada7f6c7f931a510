-- Refuse every change of a stored event but a recorded removal, whoever asks.
--
-- What counts is the data and the role, never a session setting: nothing but event_data,
-- metadata and is_redacted differs, and only by markers in the place of values; the record
-- was made by this very transaction (its time too: after a restore an old id can come
-- again); the caller is the redaction function's owner, which is the role that the function
-- runs as. SECURITY INVOKER: inside a definer's trigger current_user is always the owner.
CREATE FUNCTION {schema}.eventstore_guard_event_v1() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.is_redacted
           AND to_jsonb(OLD) - ARRAY['event_data', 'metadata', 'is_redacted']
             = to_jsonb(NEW) - ARRAY['event_data', 'metadata', 'is_redacted']
           AND {schema}.eventstore_only_removes_v1(OLD.event_data, NEW.event_data)
           AND {schema}.eventstore_only_removes_v1(OLD.metadata, NEW.metadata)
           AND EXISTS (
               SELECT FROM {schema}.event_redactions AS r
                WHERE r.tenant_id = OLD.tenant_id
                  AND r.position = OLD.position
                  AND r.recorded_xid = pg_current_xact_id()
                  AND r.recorded_at = now())
           AND EXISTS (
               SELECT FROM pg_proc AS p
                 JOIN pg_roles AS o ON o.oid = p.proowner
                WHERE p.pronamespace = '{schema}'::regnamespace
                  AND p.proname = 'eventstore_redact_v1'
                  AND o.rolname = current_user) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'stored events never change; redact_event removes values lawfully'
            USING ERRCODE = 'ES002';
    END IF;
    RAISE EXCEPTION 'stored events are never deleted' USING ERRCODE = 'ES002';
END
$function$;
