SELECT
  city,
  name,
  total
FROM (
  SELECT
    customers.city,
    customers.name,
    sum(orders.total) AS total,
    rank() OVER (PARTITION BY customers.city ORDER BY sum(orders.total) DESC NULLS LAST) AS place
  FROM orders
  JOIN customers ON customers.id = orders.customer_id
  GROUP BY customers.city, customers.name
) AS numbered
WHERE place <= 3
ORDER BY city, total DESC NULLS LAST
