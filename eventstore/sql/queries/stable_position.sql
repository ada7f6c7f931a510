-- The position up to which the log is final; NULL outside READ COMMITTED.
SELECT eventstore_stable_position_v1(%s::boolean)
