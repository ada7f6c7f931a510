-- The triggers of the guarded tables: when they fire, and how.
SELECT c.relname::text, t.tgname::text, t.tgenabled::text, p.proname::text, t.tgtype::integer,
       t.tgqual IS NOT NULL OR cardinality(t.tgattr::smallint[]) > 0 AS has_condition
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_proc AS p ON p.oid = t.tgfoid
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = ANY (%s::text[])
   AND NOT t.tgisinternal
