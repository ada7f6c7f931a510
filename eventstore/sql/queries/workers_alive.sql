-- The workers that live, and the seconds since one of them last said so; NULL without any.
SELECT count(*) FILTER (WHERE w.alive_until >= clock_timestamp()),
       extract(epoch FROM clock_timestamp() - max(w.alive_until))::double precision
           + %s::double precision
  FROM event_workers AS w
