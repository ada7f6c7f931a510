-- The schema that the store is in, quoted.
SELECT quote_ident(current_schema())
