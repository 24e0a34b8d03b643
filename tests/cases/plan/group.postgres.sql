SELECT
  customers.city,
  count(*) AS orders,
  round(CAST(avg(orders.total) AS numeric), 2) AS average_total,
  count(DISTINCT orders.customer_id) AS buyers,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY orders.total) AS middle
FROM orders
LEFT JOIN customers ON customers.id = orders.customer_id
GROUP BY customers.city
HAVING count(*) > 3
ORDER BY average_total DESC NULLS LAST
LIMIT 10
