-- Functions that only compute.

-- name: numbers
-- expect: holds
SELECT abs(-1), ceil(1.5), floor(1.5), round(2.567, 2), power(2, 3), sqrt(4), ln(2), log(100), exp(1), mod(7, 3), sign(-1), trunc(1.5), random() < 1, width_bucket(5, 0, 10, 5)

-- name: text
-- expect: holds
SELECT lower(name), upper(name), length(name), trim(name), left(name, 1), right(name, 1), lpad(name, 9), replace(name, 'a', 'b'), reverse(name), repeat('x', 2), split_part(name, ' ', 1), substring(name from 1 for 2), position('a' in name), overlay(name placing 'x' from 1), concat(name, 1), concat_ws('-', name, country), format('%s!', name), md5(name), translate(name, 'a', 'b'), strpos(name, 'a'), chr(65), ascii('a') FROM customers

-- name: regular expressions
-- expect: holds
SELECT regexp_replace(name, '[aeiou]', '', 'g'), regexp_match(name, 'A(.)'), regexp_split_to_array(name, ' '), starts_with(name, 'A') FROM customers

-- name: dates
-- expect: holds
SELECT extract(year FROM placed_at), date_part('dow', placed_at), age(placed_at), placed_at + interval '1 day', placed_at::date - date '2024-01-01', to_char(placed_at, 'YYYY-MM'), date_trunc('week', placed_at), placed_at AT TIME ZONE 'UTC', date_bin('1 hour', placed_at, timestamp '2024-01-01') FROM orders

-- name: making dates
-- expect: holds
SELECT make_date(2024, 1, 2), to_date('2024', 'YYYY'), to_timestamp(0), timestamp '2024-01-01 00:00', interval '1 year 2 months', interval '3' day, make_interval(days => 3)

-- name: overlaps
-- expect: holds
SELECT (date '2024-01-01', date '2024-02-01') OVERLAPS (date '2024-01-15', date '2024-03-01')

-- name: generate series
-- expect: holds
SELECT d::date FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-05', interval '1 day') AS d

-- name: a calendar joined
-- expect: holds
SELECT g.day, count(o.id) FROM generate_series(date '2024-01-01', date '2024-01-31', interval '1 day') AS g(day) LEFT JOIN orders o ON o.placed_at::date = g.day GROUP BY g.day

-- name: coalesce and case
-- expect: holds
SELECT coalesce(status, 'none'), nullif(status, 'open'), greatest(1, 2), least(1, 2), CASE WHEN total > 5 THEN 'big' ELSE 'small' END, CASE status WHEN 'open' THEN 1 ELSE 0 END FROM orders

-- name: casts
-- expect: holds
SELECT id::text, total::int, CAST(total AS double precision), '5'::numeric(10, 2), 'x'::varchar(5), '1'::bigint, 't'::boolean, '2024-01-01'::timestamptz, '{1,2}'::int[], 'a'::char(3), id::float8, placed_at::timestamp(0) with time zone FROM orders

-- name: json
-- expect: holds
SELECT profile->>'age', profile->'address'->>'city', profile #>> '{address,city}', profile ? 'age', profile @> '{"age": 36}', jsonb_array_length('[1]'), jsonb_typeof(profile), jsonb_extract_path_text(profile, 'age') FROM customers

-- name: making json
-- expect: holds
SELECT jsonb_build_object('id', id, 'total', total), to_jsonb(status), json_agg(id) OVER (), row_to_json(o) FROM orders o

-- name: json rows
-- expect: holds
SELECT c.id, e.key, e.value FROM customers c, jsonb_each(c.profile) AS e

-- name: json rows with names
-- expect: holds
SELECT t.k, t.v FROM customers c CROSS JOIN LATERAL jsonb_each_text(c.profile) AS t(k, v)

-- name: json paths
-- expect: holds
SELECT jsonb_path_query_first(profile, '$.age'), jsonb_path_exists(profile, '$.age ? (@ > 1)') FROM customers

-- name: fields of a row
-- expect: holds
SELECT (jsonb_each(profile)).key, (jsonb_each(profile)).value FROM customers

-- name: arrays
-- expect: holds
SELECT tags[1], array_length(tags, 1), cardinality(tags), 'vip' = ANY (tags), tags @> ARRAY['vip'], tags || ARRAY['x'], array_to_string(tags, ','), tags[1:2] FROM customers

-- name: unnest
-- expect: holds
SELECT c.name, t.tag FROM customers c, unnest(c.tags) AS t(tag)

-- name: unnest with ordinality
-- expect: holds
SELECT t.tag, t.n FROM customers c CROSS JOIN LATERAL unnest(c.tags) WITH ORDINALITY AS t(tag, n)

-- name: unnest under its alias
-- expect: holds
SELECT tag.tag FROM customers c, unnest(c.tags) AS tag

-- name: unnest in the select list
-- expect: holds
SELECT id, unnest(tags) FROM customers

-- name: text to rows
-- expect: holds
SELECT x FROM string_to_table('a,b', ',') AS x

-- name: ranges
-- expect: holds
SELECT int4range(1, 5) @> 3, daterange('2024-01-01', '2024-02-01') && daterange('2024-01-15', NULL), lower(int4range(1, 5)), '[1,2]'::int4range

-- name: text search
-- expect: holds
SELECT to_tsvector('english', name) @@ to_tsquery('english', 'ada'), ts_rank(to_tsvector(name), plainto_tsquery('ada')) FROM customers

-- name: distinct from
-- expect: holds
SELECT id FROM orders WHERE status IS DISTINCT FROM 'open' AND (total > 1) IS NOT FALSE

-- name: collation
-- expect: holds
SELECT name FROM customers ORDER BY name COLLATE "C"

-- name: bits and hashes
-- expect: holds
SELECT 5 & 3, 5 | 3, 5 # 3, 1 << 2, ~1, sha256('x'::bytea), encode('x'::bytea, 'hex')

-- name: an operator with its schema
-- expect: holds
SELECT 1 OPERATOR(pg_catalog.+) 2

-- name: a function with its schema
-- expect: holds
SELECT pg_catalog.lower(name) FROM customers

-- name: negative numbers
-- expect: holds
SELECT -5, - 5, +5, 2 ^ 10, 7 / 2, 7 % 2, |/ 4, @ -3

-- name: uuid and network
-- expect: holds
SELECT gen_random_uuid() IS NOT NULL, '10.0.0.1'::inet << '10.0.0.0/8'::inet, host('10.0.0.1'::inet)

-- name: sampling
-- expect: holds
SELECT count(*) FROM orders TABLESAMPLE bernoulli (50)

-- name: system columns
-- expect: holds
SELECT ctid, id FROM orders

-- name: row comparison
-- expect: holds
SELECT id FROM orders WHERE (customer_id, status) = (1, 'open') OR (id, customer_id) IN ((1, 2), (3, 2))
