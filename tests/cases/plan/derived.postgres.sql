SELECT
  CAST(date_trunc('month', placed) AS date) AS month,
  sum(total - (total * 0.2)) AS net,
  CAST(sum(total - (total * 0.2)) AS double precision) / NULLIF(sum(total), 0) AS share
FROM orders
WHERE CAST(EXTRACT(YEAR FROM placed) AS integer) BETWEEN 2012 AND 2014
GROUP BY CAST(date_trunc('month', placed) AS date)
ORDER BY month
