-- The answer that belongs to a key, while it is kept.
SELECT k.fingerprint, k.status, k.headers::text, k.body
  FROM eventstore_idempotency_keys AS k
 WHERE k.tenant_id = %s::text AND k.principal = %s::text AND k.key = %s::text
   AND k.expires_at > now()
