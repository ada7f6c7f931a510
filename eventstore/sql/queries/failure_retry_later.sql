-- Another attempt failed: wait longer, or give up.
UPDATE event_failures
   SET state = %(state)s::text,
       attempts = %(attempts)s::integer,
       next_attempt_at = clock_timestamp() + make_interval(secs => %(delay)s::double precision),
       error = %(error)s::text,
       failed_at = clock_timestamp()
 WHERE id = %(id)s::bigint
RETURNING id
