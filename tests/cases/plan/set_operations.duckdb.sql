((
  SELECT
    city
  FROM customers
)
EXCEPT
(
  SELECT
    city
  FROM customers
  WHERE name = 'x'
))
UNION
(
  SELECT
    City AS city
  FROM suppliers
)
ORDER BY city
LIMIT 3
