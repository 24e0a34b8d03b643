-- Functions and views that users added.

-- name: added (1)
-- expect: refused functions added
SELECT added(1)

-- name: added (2)
-- expect: refused functions added
SELECT ADDED(1)

-- name: main.added (3)
-- expect: refused functions main.added
SELECT main.added(1)

-- name: shop.added (4)
-- expect: refused functions shop.added
SELECT shop.added(1)

-- name: shop.main.added (5)
-- expect: refused functions shop.main.added
SELECT shop.main.added(1)

-- name: added (6)
-- expect: refused functions added
SELECT id.added() FROM orders

-- name: initcap (7)
-- expect: refused functions initcap
SELECT initcap(name) FROM customers

-- name: initcap (8)
-- expect: refused functions initcap
SELECT list_transform(tags, x -> initcap(x)) FROM customers

-- name: leak (9)
-- expect: refused functions leak
SELECT * FROM leak

-- name: leak (10)
-- expect: refused functions leak
SELECT * FROM LEAK

-- name: leak (11)
-- expect: refused functions leak
SELECT * FROM main.leak

-- name: leak (12)
-- expect: refused functions leak
SELECT * FROM shop.main.leak

-- name: leak (13)
-- expect: refused functions leak
SELECT shout FROM leak_again

-- name: leak (14)
-- expect: refused functions leak
WITH unused AS (FROM leak_again) SELECT 1

-- name: leak (15)
-- expect: refused functions leak
SELECT 1 WHERE EXISTS (FROM leak)

-- name: added (16)
-- expect: refused functions added
SELECT x FROM uses_added
