-- insert_many_at.sql, and wake whoever follows the log when it has committed.
{insert_many_at}, (SELECT eventstore_notify_v1())
