-- Several statements, and texts that hide one.

-- name: Several statements, and texts that hide one 1
-- expect: refused one-statement
SELECT 1; DELETE FROM orders

-- name: Several statements, and texts that hide one 2
-- expect: refused one-statement
SELECT 1; SELECT 2

-- name: Several statements, and texts that hide one 3
-- expect: refused one-statement
SELECT 1;; DROP TABLE orders; --

-- name: Several statements, and texts that hide one 4
-- expect: refused one-statement
SELECT ';'; DELETE FROM orders; SELECT ''

-- name: Several statements, and texts that hide one 5
-- expect: refused one-statement
SELECT $$;$$; DELETE FROM orders

-- name: Several statements, and texts that hide one 6
-- expect: refused one-statement
SELECT $a$ $$ $a$; COMMIT; DELETE FROM orders

-- name: Several statements, and texts that hide one 7
-- expect: refused one-statement
SELECT E'\\'; DELETE FROM orders; --'

-- name: Several statements, and texts that hide one 8
-- expect: refused one-statement
SELECT '\'; DELETE FROM orders; --'

-- name: Several statements, and texts that hide one 9
-- expect: refused one-statement
SELECT 1 /* /* */ -- */
; DELETE FROM orders

-- name: Several statements, and texts that hide one 10
-- expect: refused one-statement
BEGIN READ WRITE; DELETE FROM orders; COMMIT

-- name: Several statements, and texts that hide one 11
-- expect: refused one-statement
COMMIT; DELETE FROM orders

-- name: Several statements, and texts that hide one 12
-- expect: refused one-statement
SELECT 1 -- ;
; DELETE FROM orders

-- name: Several statements, and texts that hide one 13
-- expect: refused parses
DELETE FROM orders WHERE

-- name: Several statements, and texts that hide one 14
-- expect: refused parses
SELECT 1 FROM

-- name: Several statements, and texts that hide one 15
-- expect: refused parses
SELECT 'unclosed

-- name: Several statements, and texts that hide one 16
-- expect: refused parses
SELECT $$unclosed

-- name: Several statements, and texts that hide one 17
-- expect: refused parses
/* nothing */

-- name: Several statements, and texts that hide one 18
-- expect: refused parses
;

-- name: Several statements, and texts that hide one 19
-- expect: refused parses
\copy orders to '/tmp/x'

-- name: Several statements, and texts that hide one 20
-- expect: refused parses
\! touch /tmp/x

-- name: Several statements, and texts that hide one 21
-- expect: refused parses
SELECT 1 \gexec

-- name: Several statements, and texts that hide one 22
-- expect: refused parses
FROM orders SELECT *

-- name: Several statements, and texts that hide one 23
-- expect: refused parses
SELEKT 1

-- name: DELETE (24)
-- expect: refused reads-only DELETE
/* SELECT 1; */ DELETE FROM orders

-- name: DELETE (25)
-- expect: refused reads-only DELETE
-- SELECT 1
DELETE FROM orders

-- name: DELETE (26)
-- expect: refused reads-only DELETE
DELETE /* harmless */ FROM orders; -- SELECT
