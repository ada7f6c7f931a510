-- The newest position that was drawn, and that up to which the log is final for consumers.
SELECT eventstore_head_position_v1(), eventstore_stable_position_v1(false)
