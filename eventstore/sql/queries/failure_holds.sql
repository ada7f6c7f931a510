-- Which of the aggregates that a batch touches a partition holds back.
SELECT DISTINCT f.tenant_id, f.aggregate_type, f.aggregate_id
  FROM event_failures AS f
  JOIN unnest(%s::text[], %s::text[], %s::text[]) AS b(tenant_id, aggregate_type, aggregate_id)
    USING (tenant_id, aggregate_type, aggregate_id)
 WHERE f.subscription_id = %s::bigint AND f.state <> 'discarded'
