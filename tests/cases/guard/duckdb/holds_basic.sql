-- Common questions that have to hold.

-- name: one row
-- expect: holds
SELECT 1

-- name: the clock
-- expect: holds
SELECT now(), current_date, current_timestamp, today()

-- name: all columns
-- expect: holds
SELECT * FROM customers

-- name: FROM first
-- expect: holds
FROM customers

-- name: FROM first with a select
-- expect: holds
FROM orders SELECT id, total WHERE total > 5

-- name: exclude
-- expect: holds
SELECT * EXCLUDE (tags) FROM customers

-- name: replace
-- expect: holds
SELECT * REPLACE (upper(name) AS name) FROM customers

-- name: schema and database
-- expect: holds
SELECT id FROM shop.main.orders

-- name: the schema
-- expect: holds
SELECT o.id FROM main.orders o

-- name: mixed case
-- expect: holds
select ID from ORDERS where Total > 5

-- name: a trailing semicolon
-- expect: holds
SELECT id FROM orders;

-- name: comments
-- expect: holds
SELECT /* all */ id -- of them
FROM orders

-- name: a text with a semicolon
-- expect: holds
SELECT 'DELETE FROM orders; --' AS words

-- name: a dollar-quoted text
-- expect: holds
SELECT $$it's fine$$ AS words

-- name: an escaped quote
-- expect: holds
SELECT E'\'; DELETE FROM orders; --' AS words

-- name: VALUES
-- expect: holds
VALUES (1, 'a'), (2, 'b')

-- name: a filter
-- expect: holds
SELECT id FROM orders WHERE total > 100 AND status <> 'open' OR status IS NULL

-- name: IN, BETWEEN, LIKE
-- expect: holds
SELECT id FROM orders WHERE status IN ('open', 'paid') AND total BETWEEN 1 AND 9 AND status LIKE 'o%' AND status NOT LIKE '%x%' ESCAPE '!'

-- name: patterns
-- expect: holds
SELECT name FROM customers WHERE name ILIKE 'a%' OR regexp_matches(name, '^A') OR name GLOB 'A*' OR name SIMILAR TO 'A.*'

-- name: order and limit
-- expect: holds
SELECT id FROM orders ORDER BY total DESC NULLS LAST, id LIMIT 5 OFFSET 2

-- name: limit percent
-- expect: holds
SELECT id FROM orders ORDER BY id LIMIT 10%

-- name: order by all
-- expect: holds
SELECT id, total FROM orders ORDER BY ALL

-- name: distinct
-- expect: holds
SELECT DISTINCT country FROM customers

-- name: distinct on
-- expect: holds
SELECT DISTINCT ON (customer_id) customer_id, placed_at FROM orders ORDER BY customer_id, placed_at DESC

-- name: count, sum, avg
-- expect: holds
SELECT count(*), count(), count(DISTINCT customer_id), sum(total), avg(total), min(total), max(total) FROM orders

-- name: group by all
-- expect: holds
SELECT status, customer_id, count(*) FROM orders GROUP BY ALL

-- name: group and having
-- expect: holds
SELECT status, count(*) AS n FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC

-- name: group by position
-- expect: holds
SELECT date_trunc('month', placed_at) AS month, sum(total) FROM orders GROUP BY 1 ORDER BY 1

-- name: names of the select list
-- expect: holds
SELECT total * 2 AS doubled, doubled + 1 AS more FROM orders WHERE doubled > 5

-- name: filter clause
-- expect: holds
SELECT count(*) FILTER (status = 'paid') AS paid, sum(total) FILTER (WHERE total > 10) FROM orders

-- name: statistics
-- expect: holds
SELECT stddev(total), var_pop(total), corr(total, id), median(total), quantile_cont(total, 0.9), mode(status), approx_count_distinct(id), kurtosis(id), skewness(id), mad(id), entropy(status) FROM orders

-- name: within group
-- expect: holds
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders

-- name: arg max
-- expect: holds
SELECT arg_max(id, total), max_by(id, total), first(id ORDER BY placed_at), any_value(status), histogram(status) FROM orders

-- name: top n in one
-- expect: holds
SELECT max(total, 3), arg_min(id, total, 2) FROM orders

-- name: rollup
-- expect: holds
SELECT status, customer_id, sum(total), grouping(status) FROM orders GROUP BY ROLLUP (status, customer_id)

-- name: cube
-- expect: holds
SELECT status, customer_id, sum(total) FROM orders GROUP BY CUBE (status, customer_id)

-- name: grouping sets
-- expect: holds
SELECT status, customer_id, sum(total) FROM orders GROUP BY GROUPING SETS ((status), (customer_id), ())

-- name: text aggregates
-- expect: holds
SELECT string_agg(name, ', ' ORDER BY name), list(country), array_agg(DISTINCT country), listagg(name, ',') FROM customers
