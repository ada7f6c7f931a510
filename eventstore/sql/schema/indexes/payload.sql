-- Containment in payloads. Not by default: each append pays for it.
CREATE INDEX CONCURRENTLY eventstore_ev_payload
    ON {schema}.stored_domain_events USING gin (event_data jsonb_path_ops)
