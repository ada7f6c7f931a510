-- Store what is new of the lines that this transaction has laid out; the others come back.
SELECT line, outcome, version
  FROM eventstore_import_chunk_v1(%s::boolean)
 ORDER BY line
