-- Joins, subqueries and WITH.

-- name: inner join
-- expect: holds
SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id

-- name: left join
-- expect: holds
SELECT c.name, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name

-- name: full join
-- expect: holds
SELECT c.id, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id

-- name: using
-- expect: holds
SELECT id FROM customers JOIN orders USING (id)

-- name: semi and anti
-- expect: holds
SELECT name FROM customers c SEMI JOIN orders o ON o.customer_id = c.id UNION ALL SELECT name FROM customers c ANTI JOIN orders o ON o.customer_id = c.id

-- name: asof
-- expect: holds
SELECT a.id FROM orders a ASOF JOIN orders b ON a.customer_id = b.customer_id AND a.placed_at >= b.placed_at

-- name: positional
-- expect: holds
SELECT a.id, b.id FROM customers a POSITIONAL JOIN customers b

-- name: cross join
-- expect: holds
SELECT a.id, b.id FROM customers a CROSS JOIN customers b

-- name: self join
-- expect: holds
SELECT a.id FROM orders a JOIN orders b ON a.customer_id = b.customer_id AND a.id < b.id

-- name: lateral
-- expect: holds
SELECT c.name, l.total FROM customers c, LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY placed_at DESC LIMIT 1) l

-- name: scalar subquery
-- expect: holds
SELECT name, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS n FROM customers c

-- name: exists
-- expect: holds
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)

-- name: not in
-- expect: holds
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)

-- name: derived table
-- expect: holds
SELECT avg(n) FROM (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) per

-- name: with
-- expect: holds
WITH per AS (SELECT customer_id, sum(total) AS spent FROM orders GROUP BY customer_id) SELECT c.name, p.spent FROM per p JOIN customers c ON c.id = p.customer_id

-- name: recursive
-- expect: holds
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n

-- name: union by name
-- expect: holds
SELECT id, name FROM customers UNION ALL BY NAME SELECT id, status FROM orders

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

-- name: table sample
-- expect: holds
SELECT count(*) FROM orders TABLESAMPLE reservoir(5 ROWS)
