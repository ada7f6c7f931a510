-- Whether policies leave the indexes on metadata their use.
SELECT bool_and(p.proleakproof)
  FROM pg_proc AS p
 WHERE p.oid IN ('pg_catalog.jsonb_object_field(jsonb, text)'::regprocedure,
                 'pg_catalog.jsonb_object_field_text(jsonb, text)'::regprocedure,
                 'pg_catalog.jsonb_extract_path_text(jsonb, text[])'::regprocedure)
