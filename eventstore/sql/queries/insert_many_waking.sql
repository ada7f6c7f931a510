-- insert_many.sql, and wake whoever follows the log when it has committed.
{insert_many}, (SELECT eventstore_notify_v1())
