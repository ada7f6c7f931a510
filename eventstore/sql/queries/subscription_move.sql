-- Move a checkpoint forward with what was done, and prolong the lease; no row when somebody
-- else moved it.
UPDATE event_subscriptions
   SET position = %(position)s::bigint,
       handled = handled + %(handled)s::bigint,
       moved_at = clock_timestamp(),
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s::double precision)
 WHERE id = %(id)s::bigint AND position = %(from)s::bigint AND lease_owner = %(owner)s::text
RETURNING position
