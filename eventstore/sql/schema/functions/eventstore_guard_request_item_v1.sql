-- What is to be removed changes in a draft alone; what became of it, once it is approved.
CREATE FUNCTION {schema}.eventstore_guard_request_item_v1() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _item {schema}.event_redaction_items%ROWTYPE;
    _status text;
    _tenant_id text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        _item := NEW;
    ELSE
        _item := OLD;
    END IF;
    -- Locked, so that nobody submits it in between.
    SELECT r.status, r.tenant_id INTO _status, _tenant_id
      FROM {schema}.event_redaction_requests AS r
     WHERE r.id = _item.request_id
       FOR SHARE;
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.request_id, NEW.tenant_id, NEW.position, NEW.event_id, NEW.event_type)
           IS DISTINCT FROM
           (OLD.id, OLD.request_id, OLD.tenant_id, OLD.position, OLD.event_id, OLD.event_type)
       OR _item.tenant_id IS DISTINCT FROM _tenant_id THEN
        RAISE EXCEPTION 'an event stays with its request' USING ERRCODE = 'check_violation';
    END IF;
    IF _status = 'draft' THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF NEW.outcome = '' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE'
          AND _status IN ('approved', 'failed')
          AND NEW.fields = OLD.fields
          AND OLD.outcome NOT IN ('redacted', 'unchanged') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the events of a redaction that is % are not changed', _status
        USING ERRCODE = 'check_violation';
END
$function$;
