-- What the store asks of the server and of this connection.
SELECT current_setting('server_version_num')::integer,
       current_setting('transaction_isolation'),
       current_setting('synchronous_commit'),
       current_setting('fsync'),
       to_regclass(quote_ident(current_schema()) || '.stored_domain_events') IS NOT NULL
