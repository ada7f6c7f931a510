-- The newest position that was ever drawn, committed or not; 0 before the first.
CREATE FUNCTION {schema}.eventstore_head_position_v1() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END
      FROM {schema}.stored_domain_events_position_seq AS s
$function$;
