SELECT
  id
FROM customers
WHERE city IN ('Paris', 'Rome') OR name ILIKE '%50\%\_\\%' ESCAPE '\' OR (NOT (name ILIKE 'A%')) OR (city IS NULL AND (id NOT IN (1, -2))) OR (name IS NOT NULL) OR name LIKE 'a_c%' ESCAPE '\' OR name ILIKE '%son'
