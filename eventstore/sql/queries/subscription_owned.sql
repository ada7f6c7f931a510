-- Hold a partition for a transaction, whether it is to be run or not, while it is this worker's.
SELECT s.id
  FROM event_subscriptions AS s
 WHERE s.id = %s::bigint AND s.lease_owner = %s::text
   FOR UPDATE
