-- Say that this worker lives, and sweep those that have not said so in time.
WITH swept AS (
    DELETE FROM event_workers WHERE alive_until < clock_timestamp() - interval '1 minute'
)
INSERT INTO event_workers AS w (owner, names, started_at, alive_until)
VALUES (%(owner)s::text, to_jsonb(%(names)s::text[]), clock_timestamp(),
        clock_timestamp() + make_interval(secs => %(seconds)s::double precision))
    ON CONFLICT (owner) DO UPDATE
   SET names = EXCLUDED.names, alive_until = EXCLUDED.alive_until
RETURNING owner
