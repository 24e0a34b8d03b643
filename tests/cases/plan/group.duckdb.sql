SELECT
  customers.city,
  count(*) AS orders,
  round(CAST(avg(orders.total) AS DECIMAL(38, 12)), 2) AS average_total,
  count(DISTINCT orders.customer_id) AS buyers,
  median(CAST(orders.total AS double precision)) AS middle
FROM orders
LEFT JOIN customers ON customers.id = orders.customer_id
GROUP BY customers.city
HAVING count(*) > 3
ORDER BY average_total DESC NULLS LAST
LIMIT 10
