-- Take the lines of a chunk away that a dry run has judged.
WITH gone AS (
    DELETE FROM eventstore_import_lines
     WHERE transaction_id = pg_current_xact_id()
    RETURNING line
)
SELECT count(*) FROM gone
