DROP INDEX CONCURRENTLY IF EXISTS {schema}.eventstore_ev_payload
