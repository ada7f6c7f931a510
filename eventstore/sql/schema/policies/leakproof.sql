-- For a superuser: what takes a key out of JSON fails for no value and tells of none, so it
-- may be asked before the policies. Without this the indexes on metadata stay unused, since a
-- policy comes before whatever could leak. Not part of a dump: to be run again after a restore.
ALTER FUNCTION pg_catalog.jsonb_object_field(jsonb, text) LEAKPROOF;
ALTER FUNCTION pg_catalog.jsonb_object_field_text(jsonb, text) LEAKPROOF;
ALTER FUNCTION pg_catalog.jsonb_extract_path_text(jsonb, text[]) LEAKPROOF;
