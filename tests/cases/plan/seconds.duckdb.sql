SELECT
  id,
  CAST(EXTRACT(EPOCH FROM shipped - TIMESTAMP '2013-01-01 00:00:00') AS double precision) / NULLIF(3600, 0) AS hours
FROM orders
