-- Rules and foreign BEFORE triggers of the guarded tables, and tables that add rows.
SELECT c.relname::text, 'rule ' || r.rulename
  FROM pg_rewrite AS r
  JOIN pg_class AS c ON c.oid = r.ev_class
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname = ANY (%(tables)s::text[])
 UNION ALL
SELECT c.relname::text, 'child table ' || i.inhrelid::regclass
  FROM pg_inherits AS i
  JOIN pg_class AS c ON c.oid = i.inhparent
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname = ANY (%(tables)s::text[])
 UNION ALL
SELECT c.relname::text, 'trigger ' || t.tgname
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = ANY (%(tables)s::text[])
   AND t.tgname <> ALL (%(triggers)s::text[])
   AND t.tgtype::integer & 2 = 2
   AND NOT t.tgisinternal
