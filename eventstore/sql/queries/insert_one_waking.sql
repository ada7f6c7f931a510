-- insert_one.sql, and wake whoever follows the log when it has committed.
{insert_one}, eventstore_notify_v1()
