-- A call in every place that a SELECT has.

-- name: pg_read_file (1)
-- expect: refused functions pg_read_file
SELECT * FROM pg_read_file('PG_VERSION')

-- name: pg_read_file (2)
-- expect: refused functions pg_read_file
SELECT * FROM pg_read_file('PG_VERSION') WITH ORDINALITY AS f(a, b)

-- name: pg_read_file (3)
-- expect: refused functions pg_read_file
SELECT * FROM ROWS FROM (generate_series(1, 2), pg_read_file('PG_VERSION')) AS f(a, b)

-- name: pg_read_file (4)
-- expect: refused functions pg_read_file
SELECT * FROM customers c, LATERAL pg_read_file(c.name) f

-- name: pg_read_file (5)
-- expect: refused functions pg_read_file
SELECT * FROM customers c LEFT JOIN LATERAL (SELECT pg_read_file(c.name) AS x) f ON true

-- name: pg_read_file (6)
-- expect: refused functions pg_read_file
SELECT * FROM unnest(string_to_array(pg_read_file('PG_VERSION'), ',')) AS t(x)

-- name: pg_read_file (7)
-- expect: refused functions pg_read_file
SELECT 1 FROM orders WHERE pg_read_file('PG_VERSION') IS NOT NULL

-- name: pg_read_file (8)
-- expect: refused functions pg_read_file
SELECT 1 FROM orders o JOIN customers c ON o.customer_id = c.id AND pg_read_file('PG_VERSION') <> ''

-- name: pg_read_file (9)
-- expect: refused functions pg_read_file
SELECT count(*) FILTER (WHERE pg_read_file('PG_VERSION') <> '') FROM orders

-- name: pg_read_file (10)
-- expect: refused functions pg_read_file
SELECT string_agg(name, ',' ORDER BY pg_read_file(name)) FROM customers

-- name: pg_read_file (11)
-- expect: refused functions pg_read_file
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY length(pg_read_file(name))) FROM customers

-- name: pg_read_file (12)
-- expect: refused functions pg_read_file
SELECT id FROM orders ORDER BY pg_read_file('PG_VERSION')

-- name: pg_read_file (13)
-- expect: refused functions pg_read_file
SELECT status FROM orders GROUP BY status, pg_read_file('PG_VERSION')

-- name: pg_read_file (14)
-- expect: refused functions pg_read_file
SELECT status FROM orders GROUP BY GROUPING SETS ((status), (status, pg_read_file('PG_VERSION')))

-- name: pg_read_file (15)
-- expect: refused functions pg_read_file
SELECT status FROM orders GROUP BY status HAVING pg_read_file('PG_VERSION') <> ''

-- name: pg_read_file (16)
-- expect: refused functions pg_read_file
SELECT id FROM orders LIMIT length(pg_read_file('PG_VERSION'))

-- name: pg_read_file (17)
-- expect: refused functions pg_read_file
SELECT id FROM orders OFFSET length(pg_read_file('PG_VERSION'))

-- name: pg_read_file (18)
-- expect: refused functions pg_read_file
SELECT id FROM orders FETCH FIRST (length(pg_read_file('PG_VERSION'))) ROWS ONLY

-- name: pg_read_file (19)
-- expect: refused functions pg_read_file
SELECT * FROM orders TABLESAMPLE system (length(pg_read_file('PG_VERSION')))

-- name: pg_read_file (20)
-- expect: refused functions pg_read_file
SELECT * FROM orders TABLESAMPLE bernoulli (10) REPEATABLE (length(pg_read_file('PG_VERSION')))

-- name: pg_read_file (21)
-- expect: refused functions pg_read_file
SELECT sum(total) OVER (PARTITION BY pg_read_file('PG_VERSION')) FROM orders

-- name: pg_read_file (22)
-- expect: refused functions pg_read_file
SELECT sum(total) OVER (ORDER BY pg_read_file('PG_VERSION')) FROM orders

-- name: pg_read_file (23)
-- expect: refused functions pg_read_file
SELECT sum(total) OVER (ORDER BY id ROWS length(pg_read_file('PG_VERSION')) PRECEDING) FROM orders

-- name: pg_read_file (24)
-- expect: refused functions pg_read_file
SELECT sum(total) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND length(pg_read_file('PG_VERSION')) FOLLOWING) FROM orders

-- name: pg_read_file (25)
-- expect: refused functions pg_read_file
SELECT sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY pg_read_file('PG_VERSION'))

-- name: pg_read_file (26)
-- expect: refused functions pg_read_file
SELECT id FROM orders WINDOW unused AS (ORDER BY pg_read_file('PG_VERSION'))

-- name: pg_read_file (27)
-- expect: refused functions pg_read_file
SELECT DISTINCT ON (pg_read_file('PG_VERSION')) id FROM orders

-- name: pg_read_file (28)
-- expect: refused functions pg_read_file
VALUES (pg_read_file('PG_VERSION'))

-- name: pg_read_file (29)
-- expect: refused functions pg_read_file
SELECT * FROM (VALUES (1, 'x'), (2, pg_read_file('PG_VERSION'))) v(a, b)

-- name: pg_read_file (30)
-- expect: refused functions pg_read_file
WITH unused AS (SELECT pg_read_file('PG_VERSION')) SELECT 1

-- name: pg_read_file (31)
-- expect: refused functions pg_read_file
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + length(pg_read_file('PG_VERSION')) FROM r WHERE n < 3) SELECT * FROM r

-- name: pg_read_file (32)
-- expect: refused functions pg_read_file
SELECT 1 UNION ALL SELECT length(pg_read_file('PG_VERSION'))

-- name: pg_read_file (33)
-- expect: refused functions pg_read_file
(SELECT 1) EXCEPT (SELECT 2 ORDER BY pg_read_file('PG_VERSION'))

-- name: pg_read_file (34)
-- expect: refused functions pg_read_file
SELECT (SELECT pg_read_file('PG_VERSION'))

-- name: pg_read_file (35)
-- expect: refused functions pg_read_file
SELECT EXISTS (SELECT pg_read_file('PG_VERSION'))

-- name: pg_read_file (36)
-- expect: refused functions pg_read_file
SELECT 1 WHERE 'x' IN (SELECT pg_read_file('PG_VERSION'))

-- name: pg_read_file (37)
-- expect: refused functions pg_read_file
SELECT 1 WHERE 'x' = ANY (ARRAY[pg_read_file('PG_VERSION')])

-- name: pg_read_file (38)
-- expect: refused functions pg_read_file
SELECT 1 WHERE 'x' IN ('a', pg_read_file('PG_VERSION'))

-- name: pg_read_file (39)
-- expect: refused functions pg_read_file
SELECT 1 WHERE 'x' BETWEEN 'a' AND pg_read_file('PG_VERSION')

-- name: pg_read_file (40)
-- expect: refused functions pg_read_file
SELECT CASE WHEN pg_read_file('PG_VERSION') = '' THEN 1 END

-- name: pg_read_file (41)
-- expect: refused functions pg_read_file
SELECT CASE 1 WHEN 2 THEN 'x' ELSE pg_read_file('PG_VERSION') END

-- name: pg_read_file (42)
-- expect: refused functions pg_read_file
SELECT coalesce(NULL, pg_read_file('PG_VERSION'))

-- name: pg_read_file (43)
-- expect: refused functions pg_read_file
SELECT greatest('a', pg_read_file('PG_VERSION'))

-- name: pg_read_file (44)
-- expect: refused functions pg_read_file
SELECT nullif(pg_read_file('PG_VERSION'), '')

-- name: pg_read_file (45)
-- expect: refused functions pg_read_file
SELECT ARRAY[pg_read_file('PG_VERSION')]

-- name: pg_read_file (46)
-- expect: refused functions pg_read_file
SELECT ARRAY(SELECT pg_read_file('PG_VERSION'))

-- name: pg_read_file (47)
-- expect: refused functions pg_read_file
SELECT ROW(1, pg_read_file('PG_VERSION'))

-- name: pg_read_file (48)
-- expect: refused functions pg_read_file
SELECT (ARRAY[1,2])[length(pg_read_file('PG_VERSION'))]

-- name: pg_read_file (49)
-- expect: refused functions pg_read_file
SELECT (ARRAY[1,2])[1:length(pg_read_file('PG_VERSION'))]

-- name: pg_read_file (50)
-- expect: refused functions pg_read_file
SELECT pg_read_file('PG_VERSION')::text

-- name: pg_read_file (51)
-- expect: refused functions pg_read_file
SELECT CAST(pg_read_file('PG_VERSION') AS text)

-- name: pg_read_file (52)
-- expect: refused functions pg_read_file
SELECT pg_read_file('PG_VERSION') COLLATE "C"

-- name: pg_read_file (53)
-- expect: refused functions pg_read_file
SELECT NOT (pg_read_file('PG_VERSION') = '')

-- name: pg_read_file (54)
-- expect: refused functions pg_read_file
SELECT pg_read_file('PG_VERSION') IS NULL

-- name: pg_read_file (55)
-- expect: refused functions pg_read_file
SELECT (pg_read_file('PG_VERSION') = '') IS TRUE

-- name: pg_read_file (56)
-- expect: refused functions pg_read_file
SELECT 'a' LIKE 'b' ESCAPE substr(pg_read_file('PG_VERSION'), 1, 1)

-- name: pg_read_file (57)
-- expect: refused functions pg_read_file
SELECT now() AT TIME ZONE pg_read_file('PG_VERSION')

-- name: pg_read_file (58)
-- expect: refused functions pg_read_file
SELECT extract(year FROM to_date(pg_read_file('PG_VERSION'), 'YYYY'))

-- name: pg_read_file (59)
-- expect: refused functions pg_read_file
SELECT substring(pg_read_file('PG_VERSION') FROM 1 FOR 2)

-- name: pg_read_file (60)
-- expect: refused functions pg_read_file
SELECT make_interval(days => length(pg_read_file('PG_VERSION')))

-- name: pg_read_file (61)
-- expect: refused functions pg_read_file
SELECT format('%s', VARIADIC ARRAY[pg_read_file('PG_VERSION')])

-- name: pg_read_file (62)
-- expect: refused functions pg_read_file
SELECT upper(lower(trim(pg_read_file('PG_VERSION'))))

-- name: pg_read_file (63)
-- expect: refused functions pg_read_file
SELECT lag(pg_read_file('PG_VERSION')) OVER (ORDER BY id) FROM orders
