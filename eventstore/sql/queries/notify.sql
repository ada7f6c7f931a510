-- Wake whoever listens; what to read they see in the log.
SELECT pg_notify('eventstore', '')
