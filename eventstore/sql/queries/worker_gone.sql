-- This worker has ended in order.
DELETE FROM event_workers WHERE owner = %s::text RETURNING owner
