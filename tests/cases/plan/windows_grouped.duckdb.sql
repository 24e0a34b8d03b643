SELECT
  month,
  n,
  in_all,
  so_far
FROM (
  SELECT
    CAST(date_trunc('month', placed) AS date) AS month,
    count(*) AS n,
    sum(count(*)) OVER () AS in_all,
    sum(count(*)) OVER (ORDER BY CAST(date_trunc('month', placed) AS date) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
    lag(count(*)) OVER (ORDER BY CAST(date_trunc('month', placed) AS date)) AS before
  FROM orders
  GROUP BY CAST(date_trunc('month', placed) AS date)
) AS numbered
WHERE n > before
  AND EXISTS (SELECT 1 FROM customers AS numbered_2 WHERE numbered_2.id = numbered.n)
