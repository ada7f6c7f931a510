-- Take the next number of a tenant and year; nobody else takes one until the commit.
SELECT pg_advisory_xact_lock(hashtextextended(
           format('eventstore.redaction:%%s:%%s', %(tenant_id)s::text, %(year)s::int), 0))
