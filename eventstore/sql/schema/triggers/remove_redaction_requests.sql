-- Take the rules away with the tables.
DROP TRIGGER eventstore_rules ON {schema}.event_redaction_requests;
DROP TRIGGER eventstore_no_truncate ON {schema}.event_redaction_requests;
DROP TRIGGER eventstore_rules ON {schema}.event_redaction_items;
DROP TRIGGER eventstore_no_truncate ON {schema}.event_redaction_items;
DROP TRIGGER eventstore_guard ON {schema}.event_redaction_steps;
DROP TRIGGER eventstore_no_truncate ON {schema}.event_redaction_steps;
