-- Take the lines of imports away; they are empty between imports.
DROP TABLE {schema}.eventstore_import_lines;
