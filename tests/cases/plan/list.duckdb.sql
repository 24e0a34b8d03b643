SELECT
  id,
  total AS Total,
  placed AS "order"
FROM orders
WHERE total > 10
  AND status = 'it''s \ done'
  AND placed >= DATE '2013-01-31'
ORDER BY total DESC NULLS LAST, id
LIMIT 5
OFFSET 2
