-- Wake whoever follows the log; what to read they see in it.
SELECT eventstore_notify_v1()
