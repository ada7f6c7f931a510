-- Give the lines of aggregates their versions, in order: from the base on, without gaps.
--
-- A line that names another version than the one that comes next gets none (fits is false,
-- version is the one that comes next), and its successor is asked the same. Only called when
-- some line does not fit.
CREATE FUNCTION {schema}.eventstore_import_versions_v1(
    _lines bigint[], _aggregates bigint[], _bases bigint[], _given bigint[]
) RETURNS TABLE (line bigint, fits boolean, version bigint)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
    _item record;
    _aggregate bigint;
    _next bigint;
BEGIN
    FOR _item IN
        SELECT l.line, l.aggregate, l.base, l.given
          FROM unnest(_lines, _aggregates, _bases, _given) AS l(line, aggregate, base, given)
         ORDER BY l.aggregate, l.line
    LOOP
        IF _item.aggregate IS DISTINCT FROM _aggregate THEN
            _aggregate := _item.aggregate;
            _next := _item.base + 1;
        END IF;
        line := _item.line;
        version := _next;
        fits := COALESCE(_item.given = _next, true);
        IF fits THEN
            _next := _next + 1;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$;
