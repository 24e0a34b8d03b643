-- SELECTs that write or lock.

-- name: INTO (1)
-- expect: refused reads-only INTO
SELECT * INTO stolen FROM customers

-- name: INTO (2)
-- expect: refused reads-only INTO
SELECT 1 AS a INTO TEMP stolen

-- name: INTO (3)
-- expect: refused reads-only INTO
SELECT id INTO UNLOGGED stolen FROM customers UNION SELECT 2

-- name: FOR (4)
-- expect: refused reads-only FOR
SELECT * FROM orders FOR UPDATE

-- name: FOR (5)
-- expect: refused reads-only FOR
SELECT * FROM orders FOR SHARE

-- name: FOR (6)
-- expect: refused reads-only FOR
SELECT * FROM orders FOR NO KEY UPDATE SKIP LOCKED

-- name: FOR (7)
-- expect: refused reads-only FOR
SELECT * FROM orders FOR KEY SHARE NOWAIT

-- name: FOR (8)
-- expect: refused reads-only FOR
SELECT * FROM (SELECT * FROM orders FOR UPDATE) o

-- name: FOR (9)
-- expect: refused reads-only FOR
WITH o AS (SELECT * FROM orders FOR UPDATE) SELECT * FROM o

-- name: FOR (10)
-- expect: refused reads-only FOR
SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders FOR UPDATE)

-- name: DELETE (11)
-- expect: refused reads-only DELETE
WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone

-- name: DELETE (12)
-- expect: refused reads-only DELETE
WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM customers

-- name: INSERT (13)
-- expect: refused reads-only INSERT
WITH i AS (INSERT INTO orders (id) VALUES (77)) SELECT 1

-- name: UPDATE (14)
-- expect: refused reads-only UPDATE
WITH u AS (UPDATE orders SET total = 0 RETURNING id) SELECT * FROM u

-- name: UPDATE (15)
-- expect: refused reads-only UPDATE
WITH a AS (SELECT 1), u AS (UPDATE orders SET total = 0 RETURNING id) SELECT * FROM a

-- name: SELECTs that write or lock 16
-- expect: refused reads-only
WITH a AS (SELECT 1 AS x) INSERT INTO orders (id) SELECT x FROM a

-- name: SELECTs that write or lock 17
-- expect: refused reads-only
WITH a AS (SELECT 1 AS x) DELETE FROM orders USING a WHERE id = a.x
