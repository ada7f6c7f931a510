-- The doors run with the rights of roles that own nothing else. Only while a function
-- changes hands must its new owner be allowed to create in the schema.
GRANT USAGE, CREATE ON SCHEMA {schema} TO {writer}, {redactor};
ALTER FUNCTION {schema}.eventstore_append_one_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_append_many_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_store_events_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_record_snapshot_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_stable_position_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_head_position_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_contains_v1 OWNER TO {writer};
ALTER FUNCTION {schema}.eventstore_position_at_v1 OWNER TO {writer};
-- The guard of events asks for the owner of exactly this one.
ALTER FUNCTION {schema}.eventstore_redact_v1 OWNER TO {redactor};
REVOKE CREATE ON SCHEMA {schema} FROM {writer}, {redactor};
