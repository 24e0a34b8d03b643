SELECT
  name
FROM customers AS q
WHERE EXISTS (SELECT 1 FROM (SELECT customer_id FROM orders GROUP BY customer_id HAVING count(*) > 3) AS q_2 WHERE q_2.customer_id = q.id)
