-- Whether this session may append by plain SQL: not in a hardened database, nor under row-level
-- security, where the functions alone write, nor where the isolation level is another, which
-- the functions refuse.
SELECT current_setting('transaction_isolation') = 'read committed'
   AND has_table_privilege('stored_domain_events', 'SELECT')
   AND has_table_privilege('stored_domain_events', 'INSERT')
   AND has_table_privilege('event_aggregates', 'SELECT')
   AND has_table_privilege('event_aggregates', 'INSERT')
   AND has_table_privilege('event_aggregates', 'UPDATE')
   AND has_function_privilege('eventstore_hold_position_v1()', 'EXECUTE')
   AND NOT row_security_active('stored_domain_events')
   AND NOT row_security_active('event_aggregates')
