-- Take back what stands in the way of tables.sql when it is run again.
ALTER TABLE {schema}.event_redactions DROP COLUMN recorded_xid;
