-- Whether _new is _old with nothing done but values replaced by {"redacted": true}.
--
-- Leaves are compared as text: 1.0 and 1.00 are equal as jsonb and not as history.
CREATE FUNCTION {schema}.eventstore_only_removes_v1(_old jsonb, _new jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
BEGIN
    IF _old::text = _new::text OR _new = '{"redacted": true}'::jsonb THEN
        RETURN true;
    END IF;
    IF jsonb_typeof(_old) = 'object' AND jsonb_typeof(_new) = 'object' THEN
        RETURN NOT EXISTS (
            SELECT
              FROM jsonb_each(_old) AS o
              FULL JOIN jsonb_each(_new) AS n USING (key)
             WHERE {schema}.eventstore_only_removes_v1(o.value, n.value) IS NOT TRUE
        );
    END IF;
    IF jsonb_typeof(_old) = 'array' AND jsonb_typeof(_new) = 'array' THEN
        RETURN NOT EXISTS (
            SELECT
              FROM jsonb_array_elements(_old) WITH ORDINALITY AS o(value, place)
              FULL JOIN jsonb_array_elements(_new) WITH ORDINALITY AS n(value, place) USING (place)
             WHERE {schema}.eventstore_only_removes_v1(o.value, n.value) IS NOT TRUE
        );
    END IF;
    RETURN false;
END
$function$;
