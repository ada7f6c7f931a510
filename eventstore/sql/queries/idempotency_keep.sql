-- Keep an answer; an expired one of the same key makes room.
INSERT INTO eventstore_idempotency_keys
       (tenant_id, principal, key, fingerprint, status, headers, body, expires_at)
VALUES (%s::text, %s::text, %s::text, %s::bytea, %s::smallint, %s::text::jsonb, %s::text,
        now() + %s::int * interval '1 second')
    ON CONFLICT (tenant_id, principal, key) DO UPDATE
   SET fingerprint = EXCLUDED.fingerprint,
       status = EXCLUDED.status,
       headers = EXCLUDED.headers,
       body = EXCLUDED.body,
       created_at = now(),
       expires_at = EXCLUDED.expires_at
RETURNING id
