-- Joins, subqueries and WITH.

-- name: inner join
-- expect: holds
SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id

-- name: left join
-- expect: holds
SELECT c.name, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name

-- name: right and full join
-- expect: holds
SELECT c.id, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id

-- name: using
-- expect: holds
SELECT id FROM customers JOIN orders USING (id)

-- name: natural join
-- expect: holds
SELECT a.id FROM orders a NATURAL JOIN orders b

-- name: cross join
-- expect: holds
SELECT a.id, b.id FROM customers a CROSS JOIN customers b

-- name: self join
-- expect: holds
SELECT a.id FROM orders a JOIN orders b ON a.customer_id = b.customer_id AND a.id < b.id

-- name: comma join
-- expect: holds
SELECT c.name FROM customers c, orders o WHERE o.customer_id = c.id

-- name: lateral
-- expect: holds
SELECT c.name, last.total FROM customers c CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY placed_at DESC LIMIT 1) last

-- name: scalar subquery
-- expect: holds
SELECT name, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS n FROM customers c

-- name: exists
-- expect: holds
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)

-- name: not in
-- expect: holds
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)

-- name: any and all
-- expect: holds
SELECT id FROM orders WHERE total >= ALL (SELECT total FROM orders) OR id = ANY (ARRAY[1, 2])

-- name: derived table
-- expect: holds
SELECT avg(n) FROM (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) per

-- name: with
-- expect: holds
WITH per AS (SELECT customer_id, sum(total) AS spent FROM orders GROUP BY customer_id) SELECT c.name, p.spent FROM per p JOIN customers c ON c.id = p.customer_id

-- name: with two parts
-- expect: holds
WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM a WHERE id > 3) SELECT * FROM b

-- name: with materialized
-- expect: holds
WITH a AS MATERIALIZED (SELECT id FROM orders) SELECT * FROM a

-- name: recursive
-- expect: holds
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n

-- name: union
-- expect: holds
SELECT name FROM customers UNION SELECT status FROM orders ORDER BY 1

-- name: intersect and except
-- expect: holds
(SELECT id FROM customers INTERSECT SELECT customer_id FROM orders) EXCEPT SELECT 7

-- name: a table of a name that a WITH takes
-- expect: holds
WITH orders AS (SELECT * FROM orders WHERE total > 5) SELECT count(*) FROM orders

-- name: a view
-- expect: holds
SELECT * FROM big_orders

-- name: a view with named columns
-- expect: holds
SELECT a, b FROM renamed WHERE b > 5

-- name: column aliases
-- expect: holds
SELECT x.k FROM customers AS x(k, n, c, p, t)

-- name: quoted names
-- expect: holds
SELECT "c"."name" AS "The Name" FROM "customers" "c"
