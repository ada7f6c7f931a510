-- insert_one_new.sql, and wake whoever follows the log when it has committed.
{insert_one_new}, eventstore_notify_v1()
