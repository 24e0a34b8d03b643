-- Functions, operators, casts and views that users added.

-- name: added (1)
-- expect: refused functions added
SELECT added(1)

-- name: added (2)
-- expect: refused functions added
SELECT public.added(1)

-- name: added (3)
-- expect: refused functions added
SELECT "added"(id) FROM orders

-- name: added (4)
-- expect: refused functions added
SELECT shop.public.added(1)

-- name: initcap (5)
-- expect: refused functions initcap
SELECT initcap(name) FROM customers

-- name: @@@ (6)
-- expect: refused functions @@@
SELECT 1 @@@ 2

-- name: @@@ (7)
-- expect: refused functions @@@
SELECT 1 OPERATOR(public.@@@) 2

-- name: @@@ (8)
-- expect: refused functions @@@
SELECT 1 FROM orders WHERE id @@@ ANY (ARRAY[1])

-- name: @@@ (9)
-- expect: refused functions @@@
SELECT 1 WHERE 1 @@@ ANY (SELECT id FROM orders)

-- name: @@@ (10)
-- expect: refused functions @@@
SELECT 1 WHERE 1 OPERATOR(public.@@@) ALL (SELECT id FROM orders)

-- name: own operator between integers
-- expect: refused functions operator
SELECT 1 <<| 2

-- name: public.= (12)
-- expect: refused functions public.=
SELECT 1 OPERATOR(public.=) 2

-- name: cast (13)
-- expect: refused functions cast
SELECT 'orders'::regclass

-- name: cast (14)
-- expect: refused functions cast
SELECT 'pg_read_file'::regproc

-- name: cast (15)
-- expect: refused functions cast
SELECT 'postgres'::regrole

-- name: cast (16)
-- expect: refused functions cast
SELECT 'public'::regnamespace

-- name: cast (17)
-- expect: refused functions cast
SELECT 1::checked

-- name: cast (18)
-- expect: refused functions cast
SELECT CAST('1' AS public.checked)

-- name: cast (19)
-- expect: refused functions cast
SELECT 'a'::"Int4"

-- name: cast (20)
-- expect: refused functions cast
SELECT checked '1'

-- name: cast (21)
-- expect: refused functions cast
SELECT '{1}'::checked[]

-- name: cast (22)
-- expect: refused functions cast
SELECT 'x'::string

-- name: leak (23)
-- expect: refused functions leak
SELECT * FROM leak

-- name: leak (24)
-- expect: refused functions leak
SELECT * FROM public.leak

-- name: leak (25)
-- expect: refused functions leak
SELECT shout FROM leak_again

-- name: leak (26)
-- expect: refused functions leak
SELECT 1 FROM orders WHERE EXISTS (SELECT 1 FROM leak_again)

-- name: leak (27)
-- expect: refused functions leak
WITH unused AS (SELECT * FROM leak) SELECT 1

-- name: added (28)
-- expect: refused functions added
SELECT x FROM uses_added

-- name: Functions, operators, casts and views that users added 29
-- expect: refused reads-only
SELECT id FROM orders ORDER BY id USING OPERATOR(public.@@@)

-- name: a domain named like a word of the grammar
-- expect: refused functions cast
SELECT 1::"integer"

-- name: a type named like a word of the grammar
-- expect: refused functions cast
SELECT CAST('1' AS "boolean")
