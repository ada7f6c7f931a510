-- Forget when the listeners were notified.
DROP SEQUENCE {schema}.eventstore_notified_at;
