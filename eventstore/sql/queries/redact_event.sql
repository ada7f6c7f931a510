-- Remove values from an event and record it, in one transaction.
SELECT outcome, detail, notice_position
  FROM eventstore_redact_v1(
       %s::text, %s::text, %s::text[], %s::text, %s::jsonb, %s::text, %s::text, %s::text,
       %s::jsonb)
