SELECT
  name
FROM customers
WHERE city = 'Oslo'
  AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.customer_id = customers.id AND orders.total > 100)
ORDER BY name
