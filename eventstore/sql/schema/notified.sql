-- When the listeners were notified last, in milliseconds since 1970; shared by all sessions.
-- A sequence: read and set outside of transactions, without a lock. Unlogged: no crash needs it.
CREATE UNLOGGED SEQUENCE {schema}.eventstore_notified_at MINVALUE 0;
