-- Who has appended and not ended: the transactions that hold the stable position back.
SELECT a.pid, a.application_name, a.state, a.xact_start,
       extract(epoch FROM clock_timestamp() - a.xact_start)::double precision
  FROM eventstore_open_appends_v1() AS o
  JOIN pg_stat_activity AS a ON a.pid = o.pid
 ORDER BY a.xact_start
