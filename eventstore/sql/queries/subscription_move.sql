-- Move a checkpoint forward with what was done; no row when somebody else moved it.
UPDATE event_subscriptions
   SET position = %(position)s::bigint,
       handled = handled + %(handled)s::bigint,
       moved_at = clock_timestamp()
 WHERE id = %(id)s::bigint AND position = %(from)s::bigint AND lease_owner = %(owner)s::text
RETURNING position
