-- Several statements, and texts that hide one.

-- name: Several statements, and texts that hide one 1
-- expect: refused one-statement
SELECT 1; DELETE FROM orders

-- name: Several statements, and texts that hide one 2
-- expect: refused one-statement
SELECT 1; SELECT 2

-- name: Several statements, and texts that hide one 3
-- expect: refused one-statement
SELECT ';'; DROP TABLE orders

-- name: Several statements, and texts that hide one 4
-- expect: refused one-statement
SELECT $$;$$; DELETE FROM orders

-- name: Several statements, and texts that hide one 5
-- expect: refused one-statement
SELECT '\'; DELETE FROM orders; --'

-- name: Several statements, and texts that hide one 6
-- expect: refused one-statement
SELECT 1 -- ;
; DELETE FROM orders

-- name: Several statements, and texts that hide one 7
-- expect: refused one-statement
/* ; */ SELECT 1; COMMIT; DELETE FROM orders

-- name: Several statements, and texts that hide one 8
-- expect: refused one-statement
DELETE FROM orders; SELECT 1

-- name: Several statements, and texts that hide one 9
-- expect: refused one-statement
ATTACH ':memory:' AS x; SELECT 1

-- name: Several statements, and texts that hide one 10
-- expect: refused parses
SELECT 1 FROM

-- name: Several statements, and texts that hide one 11
-- expect: refused parses
SELECT 'unclosed

-- name: Several statements, and texts that hide one 12
-- expect: refused parses
DELETE FROM orders WHERE

-- name: Several statements, and texts that hide one 13
-- expect: refused parses
;

-- name: Several statements, and texts that hide one 14
-- expect: refused parses
-- nothing

-- name: Several statements, and texts that hide one 15
-- expect: refused parses
SELEKT 1

-- name: Several statements, and texts that hide one 16
-- expect: refused parses
.shell touch /tmp/sluice-guard/x

-- name: Several statements, and texts that hide one 17
-- expect: refused parses
WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone

-- name: Several statements, and texts that hide one 18
-- expect: refused parses
SELECT * INTO stolen FROM orders

-- name: DELETE (19)
-- expect: refused reads-only DELETE
/* SELECT 1; */ DELETE FROM orders

-- name: DELETE (20)
-- expect: refused reads-only DELETE
-- SELECT
DELETE FROM orders
