-- The positions around a range of stored time, wider by a tolerance; NULL where it is open.
SELECT eventstore_position_at_v1(
           %(stored_from)s::timestamptz - make_interval(secs => %(tolerance)s::double precision)),
       eventstore_position_at_v1(
           %(stored_before)s::timestamptz + make_interval(secs => %(tolerance)s::double precision))
