SELECT
  customers.name,
  per_customer."Order count" - average.n AS over
FROM (
  SELECT
    customer_id,
    count(*) AS "Order count"
  FROM orders
  GROUP BY customer_id
) AS per_customer
LEFT JOIN customers ON customers.id = per_customer.customer_id
CROSS JOIN (
  SELECT
    avg(counts.n) AS n
  FROM (
    SELECT
      count(*) AS n
    FROM orders
    GROUP BY customer_id
  ) AS counts
) AS average
WHERE per_customer."Order count" > average.n
  AND (customers.name IS NOT NULL)
ORDER BY over DESC NULLS LAST
LIMIT 10
