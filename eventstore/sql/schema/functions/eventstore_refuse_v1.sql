-- Refuse the statement: rows of a guarded table are never changed, deleted or truncated.
CREATE FUNCTION {schema}.eventstore_refuse_v1() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'ES002';
END
$function$;
