SELECT
  id - (id - (-1)) AS a,
  id % NULLIF(3, 0) AS b,
  -(-id) AS c,
  CASE WHEN id < 5 THEN 'low' WHEN id < 9 THEN 'mid' ELSE 'high' END AS d,
  CAST(DATE '2013-01-01' AS date) - CAST(placed AS date) AS e,
  CAST(EXTRACT(HOUR FROM shipped) AS integer) AS f,
  CAST(EXTRACT(DOW FROM placed) AS integer) AS g,
  (id + 1) * 2 AS h,
  abs(0.5 - id) AS i
FROM orders
