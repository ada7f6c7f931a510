-- Whether this transaction is the one that works on the key; held until it ends.
-- Locks on two integers are apart from those on one bigint, which the log's order uses.
SELECT pg_try_advisory_xact_lock(hashtext('eventstore.idempotency'), hashtext(%s::text))
