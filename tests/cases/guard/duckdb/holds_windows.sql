-- Windows.

-- name: rank
-- expect: holds
SELECT id, rank() OVER (PARTITION BY customer_id ORDER BY total DESC), dense_rank() OVER (ORDER BY total), row_number() OVER () FROM orders

-- name: lag and lead
-- expect: holds
SELECT id, total - lag(total) OVER (ORDER BY placed_at) AS change, lead(id, 2, 0) OVER (ORDER BY id) FROM orders

-- name: running total
-- expect: holds
SELECT id, sum(total) OVER (ORDER BY placed_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders

-- name: moving average
-- expect: holds
SELECT id, avg(total) OVER (ORDER BY placed_at RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW) FROM orders

-- name: named window
-- expect: holds
SELECT id, first_value(total) OVER w, nth_value(total, 2) OVER w FROM orders WINDOW w AS (PARTITION BY status ORDER BY id)

-- name: qualify
-- expect: holds
SELECT * FROM orders QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY total DESC) <= 2

-- name: share of total
-- expect: holds
SELECT status, sum(total) / sum(sum(total)) OVER () AS share FROM orders GROUP BY status

-- name: ntile and percent
-- expect: holds
SELECT ntile(4) OVER (ORDER BY total), percent_rank() OVER (ORDER BY total), cume_dist() OVER (ORDER BY total) FROM orders

-- name: ignore nulls
-- expect: holds
SELECT last_value(status IGNORE NULLS) OVER (ORDER BY id) FROM orders
