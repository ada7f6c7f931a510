-- Up to where the log is final, and the newest position that was ever drawn.
SELECT eventstore_stable_position_v1(false), eventstore_head_position_v1()
