SELECT DISTINCT
  City,
  "select",
  City || '; DROP TABLE x; --' AS "a""b"
FROM suppliers AS "the suppliers"
ORDER BY "select" DESC NULLS LAST
