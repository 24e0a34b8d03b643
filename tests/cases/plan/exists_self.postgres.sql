SELECT
  status,
  EXISTS (SELECT 1 FROM orders AS orders_2 JOIN customers ON customers.id = orders_2.customer_id WHERE orders_2.customer_id = orders.customer_id AND (orders_2.id + 1) = orders.id AND EXISTS (SELECT 1 FROM orders AS orders_2_2 WHERE orders_2_2.customer_id = orders_2.id)) AS repeated,
  count(*) AS n
FROM orders
WHERE EXISTS (SELECT 1 FROM orders AS orders_2 JOIN customers ON customers.id = orders_2.customer_id WHERE orders_2.customer_id = orders.customer_id AND (orders_2.id + 1) = orders.id AND EXISTS (SELECT 1 FROM orders AS orders_2_2 WHERE orders_2_2.customer_id = orders_2.id)) OR NOT EXISTS (SELECT 1 FROM orders AS orders_2 JOIN customers ON customers.id = orders_2.customer_id WHERE orders_2.customer_id = orders.customer_id AND (orders_2.id + 1) = orders.id AND EXISTS (SELECT 1 FROM orders AS orders_2_2 WHERE orders_2_2.customer_id = orders_2.id)) OR paid
GROUP BY status, EXISTS (SELECT 1 FROM orders AS orders_2 JOIN customers ON customers.id = orders_2.customer_id WHERE orders_2.customer_id = orders.customer_id AND (orders_2.id + 1) = orders.id AND EXISTS (SELECT 1 FROM orders AS orders_2_2 WHERE orders_2_2.customer_id = orders_2.id))
