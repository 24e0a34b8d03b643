SELECT
  id,
  total,
  sum(total) OVER () AS of_all,
  avg(weight) OVER (PARTITION BY status) AS of_status,
  sum(total) OVER (ORDER BY placed, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,
  count(*) OVER (PARTITION BY customer_id ORDER BY placed DESC NULLS LAST, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth,
  lag(placed) OVER (PARTITION BY customer_id ORDER BY placed, id) AS before
FROM orders
ORDER BY running
