-- insert_one_at.sql, and wake whoever follows the log when it has committed.
{insert_one_at}, eventstore_notify_v1()
