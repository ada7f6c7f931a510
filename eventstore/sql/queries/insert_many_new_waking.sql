-- insert_many_new.sql, and wake whoever follows the log when it has committed.
{insert_many_new}, (SELECT eventstore_notify_v1())
