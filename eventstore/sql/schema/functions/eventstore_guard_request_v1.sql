-- Hold a request for a redaction to its way: what is submitted stays as it is, and nothing
-- is approved twice. That the approver is somebody else, a CHECK of the table demands.
CREATE FUNCTION {schema}.eventstore_guard_request_v1() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a request for a redaction is withdrawn, never deleted'
            USING ERRCODE = 'ES002';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' OR NEW.approver_id IS NOT NULL THEN
            RAISE EXCEPTION 'a request for a redaction begins as a draft'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT format('%s>%s', OLD.status, NEW.status) = ANY (ARRAY[
        'draft>draft', 'draft>submitted', 'draft>withdrawn',
        'submitted>approved', 'submitted>rejected', 'submitted>withdrawn',
        'approved>executed', 'approved>failed', 'approved>submitted', 'approved>withdrawn',
        'failed>executed', 'failed>failed', 'failed>submitted', 'failed>withdrawn'
    ]) THEN
        RAISE EXCEPTION 'a redaction that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.id, NEW.tenant_id, NEW.year, NEW.number, NEW.token, NEW.requester_id,
        NEW.requester_name, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.year, OLD.number, OLD.token, OLD.requester_id,
        OLD.requester_name, OLD.created_at)
       OR OLD.status <> 'draft'
       AND ((NEW.reason, NEW.case_number) IS DISTINCT FROM (OLD.reason, OLD.case_number)
            -- An approval may come to be asked for; none that is asked for is waived.
            OR OLD.needs_approval AND NOT NEW.needs_approval)
       OR NEW.status NOT IN ('approved', 'submitted')
       AND (NEW.approver_id, NEW.approver_name)
           IS DISTINCT FROM (OLD.approver_id, OLD.approver_name)
       OR NEW.status = 'submitted' AND NEW.approver_id IS NOT NULL THEN
        RAISE EXCEPTION 'this can no longer be changed in a redaction that is %', OLD.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status = 'draft' AND NEW.status = 'submitted'
       AND (SELECT count(*) FROM {schema}.event_redaction_items AS i
             WHERE i.request_id = NEW.id) NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION 'a redaction has 1 to 200 events' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$function$;
