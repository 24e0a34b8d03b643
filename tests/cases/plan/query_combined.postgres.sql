SELECT
  name,
  count(*) AS n
FROM (
  (
    SELECT
      name
    FROM customers
  )
  UNION ALL
  (
    SELECT
      name
    FROM employees
  )
  ORDER BY name
  LIMIT 100
) AS people
WHERE NOT EXISTS (SELECT 1 FROM ((SELECT name AS who FROM customers) INTERSECT (SELECT name AS who FROM employees AS people_2)) AS q WHERE q.who = people.name)
GROUP BY name
ORDER BY n DESC NULLS LAST
