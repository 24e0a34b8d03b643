SELECT
  lower(customers.name) AS name,
  coalesce(customers.city, '?') AS city
FROM customers
ORDER BY customers.name
