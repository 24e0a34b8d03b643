SELECT
  id,
  (SELECT placed FROM orders WHERE status = 'paid' ORDER BY placed DESC NULLS LAST, id LIMIT 1) AS latest
FROM orders
WHERE total > (SELECT avg(total) FROM orders)
