-- What this connection's role could put beside the store; no row for a hardened one.
SELECT 'may create temporary tables'
 WHERE has_database_privilege(current_database(), 'TEMPORARY')
 UNION ALL
SELECT 'may create schemas'
 WHERE has_database_privilege(current_database(), 'CREATE')
 UNION ALL
SELECT 'may create in schema ' || n.nspname
  FROM pg_namespace AS n
 WHERE has_schema_privilege(n.oid, 'CREATE')
 UNION ALL
SELECT 'may write large objects'
 WHERE has_function_privilege('pg_catalog.lo_from_bytea(oid, bytea)', 'EXECUTE')
