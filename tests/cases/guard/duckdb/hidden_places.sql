-- A call in every place that a SELECT has.

-- name: getenv (1)
-- expect: refused functions getenv
SELECT getenv('HOME')

-- name: read_text (2)
-- expect: refused functions read_text
SELECT (SELECT content FROM read_text('/etc/hostname'))

-- name: read_text (3)
-- expect: refused functions read_text
SELECT * FROM orders, read_text('/etc/hostname')

-- name: read_text (4)
-- expect: refused functions read_text
SELECT * FROM customers c, LATERAL (SELECT * FROM read_text(c.name)) f

-- name: read_text (5)
-- expect: refused functions read_text
FROM read_text('/etc/hostname')

-- name: read_text (6)
-- expect: refused functions read_text
FROM read_text('/etc/hostname') SELECT content

-- name: read_text (7)
-- expect: refused functions read_text
SELECT 1 WHERE EXISTS (FROM read_text('/etc/hostname'))

-- name: read_text (8)
-- expect: refused functions read_text
SELECT 1 WHERE 'x' IN (SELECT content FROM read_text('/etc/hostname'))

-- name: read_text (9)
-- expect: refused functions read_text
SELECT 1 WHERE 'x' = ANY (SELECT content FROM read_text('/etc/hostname'))

-- name: read_text (10)
-- expect: refused functions read_text
WITH unused AS (FROM read_text('/etc/hostname')) SELECT 1

-- name: read_text (11)
-- expect: refused functions read_text
WITH unused AS MATERIALIZED (FROM read_text('/etc/hostname')) SELECT 1

-- name: read_text (12)
-- expect: refused functions read_text
SELECT 1 UNION ALL SELECT length(content) FROM read_text('/etc/hostname')

-- name: read_text (13)
-- expect: refused functions read_text
SELECT 'x' AS content UNION BY NAME FROM read_text('/etc/hostname')

-- name: read_text (14)
-- expect: refused functions read_text
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, read_text('/etc/hostname') WHERE n < 3) SELECT * FROM r

-- name: A call in every place that a SELECT has 15
-- expect: refused reads-only
SELECT ARRAY(SELECT content FROM read_text('/etc/hostname'))

-- name: getenv (16)
-- expect: refused functions getenv
SELECT [getenv('HOME')]

-- name: getenv (17)
-- expect: refused functions getenv
SELECT {'a': getenv('HOME')}

-- name: getenv (18)
-- expect: refused functions getenv
SELECT MAP {'a': getenv('HOME')}

-- name: getenv (19)
-- expect: refused functions getenv
SELECT list_transform([1], x -> getenv('HOME'))

-- name: getenv (20)
-- expect: refused functions getenv
SELECT list_transform([1], lambda x : getenv('HOME'))

-- name: getenv (21)
-- expect: refused functions getenv
SELECT [getenv('HOME') for x in [1, 2]]

-- name: getenv (22)
-- expect: refused functions getenv
SELECT [x for x in ['a'] if x = getenv('HOME')]

-- name: A call in every place that a SELECT has 23
-- expect: refused parses
SELECT 'HOME'.getenv()

-- name: getenv (24)
-- expect: refused functions getenv
SELECT ('HOME').getenv()

-- name: name.getenv (25)
-- expect: refused functions name.getenv
SELECT name.getenv() FROM customers

-- name: name.upper (26)
-- expect: refused functions name.upper
SELECT name.upper() FROM customers

-- name: getenv (27)
-- expect: refused functions getenv
SELECT * REPLACE (getenv('HOME') AS name) FROM customers

-- name: getenv (28)
-- expect: refused functions getenv
SELECT count(*) FILTER (WHERE getenv('HOME') <> '') FROM orders

-- name: getenv (29)
-- expect: refused functions getenv
SELECT string_agg(name, ',' ORDER BY getenv('HOME')) FROM customers

-- name: getenv (30)
-- expect: refused functions getenv
SELECT id FROM orders ORDER BY getenv('HOME')

-- name: getenv (31)
-- expect: refused functions getenv
SELECT status FROM orders GROUP BY status, getenv('HOME')

-- name: getenv (32)
-- expect: refused functions getenv
SELECT status FROM orders GROUP BY ROLLUP (status, getenv('HOME'))

-- name: getenv (33)
-- expect: refused functions getenv
SELECT status FROM orders GROUP BY status HAVING getenv('HOME') <> ''

-- name: getenv (34)
-- expect: refused functions getenv
SELECT id FROM orders QUALIFY row_number() OVER (ORDER BY getenv('HOME')) = 1

-- name: getenv (35)
-- expect: refused functions getenv
SELECT id FROM orders LIMIT length(getenv('HOME'))

-- name: getenv (36)
-- expect: refused functions getenv
SELECT id FROM orders LIMIT 5 OFFSET length(getenv('HOME'))

-- name: getenv (37)
-- expect: refused functions getenv
SELECT sum(total) OVER (PARTITION BY getenv('HOME')) FROM orders

-- name: getenv (38)
-- expect: refused functions getenv
SELECT sum(total) OVER (ORDER BY id ROWS length(getenv('HOME')) PRECEDING) FROM orders

-- name: getenv (39)
-- expect: refused functions getenv
SELECT sum(total) OVER w FROM orders WINDOW w AS (ORDER BY getenv('HOME'))

-- name: getenv (40)
-- expect: refused functions getenv
SELECT lag(total, length(getenv('HOME'))) OVER (ORDER BY id) FROM orders

-- name: getenv (41)
-- expect: refused functions getenv
SELECT DISTINCT ON (getenv('HOME')) id FROM orders

-- name: getenv (42)
-- expect: refused functions getenv
VALUES (getenv('HOME'))

-- name: getenv (43)
-- expect: refused functions getenv
SELECT * FROM (VALUES (1), (length(getenv('HOME')))) v(a)

-- name: getenv (44)
-- expect: refused functions getenv
SELECT CASE WHEN getenv('HOME') = '' THEN 1 END

-- name: getenv (45)
-- expect: refused functions getenv
SELECT coalesce(NULL, getenv('HOME'))

-- name: getenv (46)
-- expect: refused functions getenv
SELECT getenv('HOME')::VARCHAR

-- name: getenv (47)
-- expect: refused functions getenv
SELECT TRY_CAST(getenv('HOME') AS INTEGER)

-- name: getenv (48)
-- expect: refused functions getenv
SELECT getenv('HOME') COLLATE nocase

-- name: getenv (49)
-- expect: refused functions getenv
SELECT 'a' LIKE getenv('HOME')

-- name: getenv (50)
-- expect: refused functions getenv
SELECT 'a' IN ('b', getenv('HOME'))

-- name: getenv (51)
-- expect: refused functions getenv
SELECT 'a' BETWEEN 'b' AND getenv('HOME')

-- name: getenv (52)
-- expect: refused functions getenv
SELECT getenv('HOME') IS NULL

-- name: getenv (53)
-- expect: refused functions getenv
SELECT getenv('HOME')[1]

-- name: getenv (54)
-- expect: refused functions getenv
SELECT getenv('HOME')[1:2]

-- name: getenv (55)
-- expect: refused functions getenv
SELECT ([1, 2])[length(getenv('HOME'))]

-- name: getenv (56)
-- expect: refused functions getenv
SELECT o.id FROM orders o JOIN customers c ON o.customer_id = c.id AND getenv('HOME') <> ''

-- name: getenv (57)
-- expect: refused functions getenv
SELECT unnest([getenv('HOME')])

-- name: getenv (58)
-- expect: refused functions getenv
SELECT * FROM unnest([getenv('HOME')])

-- name: getenv (59)
-- expect: refused functions getenv
SELECT * FROM range(length(getenv('HOME')))

-- name: getenv (60)
-- expect: refused functions getenv
SELECT upper(lower(trim(getenv('HOME'))))

-- name: getenv (61)
-- expect: refused functions getenv
SELECT TRY(getenv('HOME'))

-- name: getenv (62)
-- expect: refused functions getenv
SELECT GETENV('HOME')

-- name: getenv (63)
-- expect: refused functions getenv
SELECT "getenv"('HOME')

-- name: main.getenv (64)
-- expect: refused functions main.getenv
SELECT main.getenv('HOME')

-- name: system.main.getenv (65)
-- expect: refused functions system.main.getenv
SELECT system.main.getenv('HOME')
