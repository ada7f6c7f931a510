-- Forget some answers that have expired; what others forget just now is left to them.
DELETE FROM eventstore_idempotency_keys
 WHERE id IN (SELECT k.id
                FROM eventstore_idempotency_keys AS k
               WHERE k.expires_at <= now()
               ORDER BY k.expires_at
               LIMIT %s::int
                 FOR UPDATE SKIP LOCKED)
RETURNING id
