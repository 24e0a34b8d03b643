-- Common questions that have to hold.

-- name: an escaped quote
-- expect: holds
SELECT E'\'; DELETE FROM orders; --' AS words

-- name: one row
-- expect: holds
SELECT 1

-- name: nothing but the clock
-- expect: holds
SELECT now(), current_date, current_timestamp, localtime

-- name: all columns
-- expect: holds
SELECT * FROM customers

-- name: the schema written
-- expect: holds
SELECT o.id FROM public.orders o

-- name: database and schema written
-- expect: holds
SELECT id FROM shop.public.orders

-- name: a trailing semicolon
-- expect: holds
SELECT id FROM orders;

-- name: comments
-- expect: holds
SELECT /* all */ id -- of them
FROM orders

-- name: TABLE
-- expect: holds
TABLE customers

-- name: a text with a semicolon in it
-- expect: holds
SELECT 'DELETE FROM orders; --' AS words

-- name: a dollar-quoted text
-- expect: holds
SELECT $$it's fine$$ AS words

-- name: VALUES
-- expect: holds
VALUES (1, 'a'), (2, 'b')

-- name: a filter
-- expect: holds
SELECT id FROM orders WHERE total > 100 AND status <> 'open' OR status IS NULL

-- name: IN, BETWEEN, LIKE
-- expect: holds
SELECT id FROM orders WHERE status IN ('open', 'paid') AND total BETWEEN 1 AND 9 AND status LIKE 'o%' AND status NOT LIKE '%x%' ESCAPE '!'

-- name: ILIKE and patterns
-- expect: holds
SELECT name FROM customers WHERE name ILIKE 'a%' OR name ~ '^A' OR name ~* 'b' OR name !~ 'c' OR name SIMILAR TO '(a|b)%'

-- name: order and limit
-- expect: holds
SELECT id FROM orders ORDER BY total DESC NULLS LAST, id LIMIT 5 OFFSET 2

-- name: fetch first with ties
-- expect: holds
SELECT id FROM orders ORDER BY total FETCH FIRST 3 ROWS WITH TIES

-- name: distinct
-- expect: holds
SELECT DISTINCT country FROM customers

-- name: distinct on
-- expect: holds
SELECT DISTINCT ON (customer_id) customer_id, placed_at FROM orders ORDER BY customer_id, placed_at DESC

-- name: count, sum, avg
-- expect: holds
SELECT count(*), count(DISTINCT customer_id), sum(total), avg(total), min(total), max(total) FROM orders

-- name: group and having
-- expect: holds
SELECT status, count(*) AS n FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC

-- name: group by position
-- expect: holds
SELECT date_trunc('month', placed_at) AS month, sum(total) FROM orders GROUP BY 1 ORDER BY 1

-- name: filter clause
-- expect: holds
SELECT count(*) FILTER (WHERE status = 'paid') AS paid, sum(total) FILTER (WHERE total > 10) FROM orders

-- name: statistics
-- expect: holds
SELECT stddev(total), var_pop(total), corr(total, id), regr_slope(total, id), percentile_cont(0.5) WITHIN GROUP (ORDER BY total), mode() WITHIN GROUP (ORDER BY status) FROM orders

-- name: rollup
-- expect: holds
SELECT status, customer_id, sum(total), grouping(status) FROM orders GROUP BY ROLLUP (status, customer_id)

-- name: cube
-- expect: holds
SELECT status, customer_id, sum(total) FROM orders GROUP BY CUBE (status, customer_id)

-- name: grouping sets
-- expect: holds
SELECT status, customer_id, sum(total) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ())

-- name: bool aggregates
-- expect: holds
SELECT bool_and(total > 0), bool_or(status = 'open'), every(id > 0) FROM orders

-- name: text aggregates
-- expect: holds
SELECT string_agg(name, ', ' ORDER BY name), array_agg(DISTINCT country) FROM customers
