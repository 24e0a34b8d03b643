-- Functions that only compute.

-- name: numbers
-- expect: holds
SELECT abs(-1), ceil(1.5), floor(1.5), round(2.567, 2), pow(2, 3), sqrt(4), ln(2), log10(100), exp(1), 7 % 3, sign(-1), trunc(1.5), random() < 1, 7 // 2, 2 ** 3, greatest(1, 2)

-- name: text
-- expect: holds
SELECT lower(name), upper(name), length(name), trim(name), name[1:2], left(name, 1), lpad(name, 9, ' '), replace(name, 'a', 'b'), reverse(name), repeat('x', 2), split_part(name, ' ', 1), substring(name, 1, 2), position('a' in name), concat(name, 1), concat_ws('-', name, country), format('{}!', name), printf('%s', name), md5(name), strpos(name, 'a'), starts_with(name, 'A'), name || '!' FROM customers

-- name: regular expressions
-- expect: holds
SELECT regexp_replace(name, '[aeiou]', '', 'g'), regexp_extract(name, 'A(.)', 1), regexp_split_to_array(name, ' '), regexp_extract_all(name, '.') FROM customers

-- name: similarity
-- expect: holds
SELECT levenshtein(name, 'Ada'), jaro_winkler_similarity(name, 'Ada') FROM customers

-- name: dates
-- expect: holds
SELECT extract(year FROM placed_at), date_part('dow', placed_at), year(placed_at), month(placed_at), dayname(placed_at), age(placed_at), placed_at + INTERVAL 1 DAY, placed_at - INTERVAL '2 weeks', placed_at::DATE - DATE '2024-01-01', strftime(placed_at, '%Y-%m'), date_trunc('week', placed_at), date_diff('day', placed_at, now()::TIMESTAMP), time_bucket(INTERVAL 1 HOUR, placed_at), last_day(placed_at), epoch(placed_at) FROM orders

-- name: making dates
-- expect: holds
SELECT make_date(2024, 1, 2), strptime('2024', '%Y'), to_timestamp(0), TIMESTAMP '2024-01-01 00:00:00', INTERVAL 3 MONTH, to_days(3)

-- name: time zones
-- expect: holds
SELECT placed_at AT TIME ZONE 'UTC' FROM orders

-- name: range
-- expect: holds
SELECT i FROM range(1, 5) t(i)

-- name: generate series
-- expect: holds
SELECT * FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-05', INTERVAL 1 DAY)

-- name: a calendar joined
-- expect: holds
SELECT g.day, count(o.id) FROM generate_series(DATE '2024-01-01', DATE '2024-01-31', INTERVAL 1 DAY) AS g(day) LEFT JOIN orders o ON o.placed_at::DATE = g.day::DATE GROUP BY g.day

-- name: coalesce and case
-- expect: holds
SELECT coalesce(status, 'none'), ifnull(status, 'none'), nullif(status, 'open'), CASE WHEN total > 5 THEN 'big' ELSE 'small' END, CASE status WHEN 'open' THEN 1 ELSE 0 END, if(total > 5, 1, 0) FROM orders

-- name: casts
-- expect: holds
SELECT id::VARCHAR, total::INT, CAST(total AS DOUBLE), '5'::DECIMAL(10, 2), TRY_CAST('x' AS BIGINT), 't'::BOOLEAN, '2024-01-01'::DATE, [1]::BIGINT[], {'a': 1}::STRUCT(a VARCHAR), 1::HUGEINT, '1'::UTINYINT FROM orders

-- name: json
-- expect: holds
SELECT profile->>'$.age', profile->'address'->>'city', json_extract_string(profile, '$.age'), json_array_length('[1]'), json_type(profile), json_keys(profile) FROM customers

-- name: making json
-- expect: holds
SELECT json_object('id', id, 'total', total), to_json(status), json_group_array(id) FROM orders GROUP BY ALL

-- name: json rows
-- expect: holds
SELECT c.id, e.key, e.value FROM customers c, json_each(c.profile) e

-- name: lists
-- expect: holds
SELECT tags[1], len(tags), list_contains(tags, 'vip'), list_sort(tags), list_distinct(tags), array_to_string(tags, ','), list_transform(tags, x -> upper(x)), list_filter(tags, x -> x <> 'vip'), tags[1:2], [1, 2, 3], list_sum([1, 2]), flatten([[1], [2]]) FROM customers

-- name: the lambda keyword
-- expect: holds
SELECT list_transform([1, 2, 3], lambda a : a + 1)

-- name: a lambda of two
-- expect: holds
SELECT list_reduce([1, 2, 3], (a, b) -> a + b)

-- name: comprehension
-- expect: holds
SELECT [upper(x) for x in tags if x <> 'vip'] FROM customers

-- name: structs and maps
-- expect: holds
SELECT s, s.a, struct_extract(s, 'b'), m['k'], map_keys(m), struct_pack(x := 1) FROM (SELECT {'a': 1, 'b': 'x'} AS s, MAP {'k': 1} AS m) t

-- name: unnest
-- expect: holds
SELECT c.name, t.tag FROM customers c, unnest(c.tags) AS t(tag)

-- name: unnest in the select list
-- expect: holds
SELECT id, unnest(tags) FROM customers

-- name: distinct from
-- expect: holds
SELECT id FROM orders WHERE status IS DISTINCT FROM 'open' AND (total > 1) IS NOT FALSE

-- name: collation
-- expect: holds
SELECT name FROM customers ORDER BY name COLLATE NOCASE

-- name: bits and hashes
-- expect: holds
SELECT 5 & 3, 5 | 3, xor(5, 3), 1 << 2, ~1, sha256('x'), hash(1), base64('x'::BLOB)

-- name: row ids
-- expect: holds
SELECT rowid, id FROM orders

-- name: row comparison
-- expect: holds
SELECT id FROM orders WHERE (customer_id, status) = (1, 'open') OR (id, customer_id) IN ((1, 2), (3, 2))

-- name: negative and large numbers
-- expect: holds
SELECT -5, 9223372036854775808, 1e10, 1_000, 0xFF

-- name: uuid
-- expect: holds
SELECT uuid() IS NOT NULL, gen_random_uuid() <> uuid()
