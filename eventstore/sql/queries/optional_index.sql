-- An optional index as the catalog has it: whether it is valid, and its size in bytes.
SELECT i.indisvalid, pg_relation_size(i.indexrelid)
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
   AND c.relname = %s::name
   AND i.indrelid = 'stored_domain_events'::regclass
