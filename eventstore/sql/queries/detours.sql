-- Rules of the guarded tables, and tables that add rows to them.
SELECT c.relname::text, 'rule ' || r.rulename
  FROM pg_rewrite AS r
  JOIN pg_class AS c ON c.oid = r.ev_class
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (%(tables)s::text[])
 UNION ALL
SELECT c.relname::text, 'child table ' || i.inhrelid::regclass
  FROM pg_inherits AS i
  JOIN pg_class AS c ON c.oid = i.inhparent
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (%(tables)s::text[])
