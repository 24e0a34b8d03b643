-- Calls written as fields and columns.

-- name: pg_read_file (1)
-- expect: refused functions pg_read_file
SELECT ('PG_VERSION'::text).pg_read_file

-- name: pg_read_file (2)
-- expect: refused functions pg_read_file
SELECT (array['PG_VERSION'])[1].pg_read_file

-- name: pg_read_file (3)
-- expect: refused functions pg_read_file
SELECT ((array['PG_VERSION'])[1]).pg_read_file

-- name: pg_read_file (4)
-- expect: refused functions pg_read_file
SELECT (c.name).pg_read_file FROM customers c

-- name: pg_read_file (5)
-- expect: refused functions pg_read_file
SELECT x.pg_read_file FROM unnest(array['PG_VERSION']) x

-- name: pg_read_file (6)
-- expect: refused functions pg_read_file
SELECT "x"."pg_read_file" FROM unnest(array['PG_VERSION']) AS x

-- name: pg_read_file (7)
-- expect: refused functions pg_read_file
SELECT x.pg_read_file FROM string_to_table('PG_VERSION', ',') AS x

-- name: pg_read_file (8)
-- expect: refused functions pg_read_file
SELECT (x).pg_read_file FROM unnest(array['PG_VERSION']) x

-- name: pg_read_file (9)
-- expect: refused functions pg_read_file
SELECT unnest.pg_read_file FROM unnest(array['PG_VERSION'])

-- name: pg_read_file (10)
-- expect: refused functions pg_read_file
SELECT pg_read_file.pg_read_file FROM unnest(array['PG_VERSION']) AS pg_read_file(y)

-- name: pg_read_file (11)
-- expect: refused functions pg_read_file
SELECT (SELECT x.pg_read_file FROM unnest(array['PG_VERSION']) x) FROM unnest(array[1]) AS x(pg_read_file)

-- name: pg_read_file (12)
-- expect: refused functions pg_read_file
SELECT 1 FROM unnest(array['PG_VERSION']) x WHERE x.pg_read_file <> ''

-- name: pg_read_file (13)
-- expect: refused functions pg_read_file
SELECT 1 FROM unnest(array['PG_VERSION']) x ORDER BY x.pg_read_file

-- name: lo_import (14)
-- expect: refused functions lo_import
SELECT ('/etc/passwd'::text).lo_import

-- name: pg_ls_dir (15)
-- expect: refused functions pg_ls_dir
SELECT ('.'::text).pg_ls_dir

-- name: pg_sleep (16)
-- expect: refused functions pg_sleep
SELECT (1.0::float8).pg_sleep

-- name: added (17)
-- expect: refused functions added
SELECT (c.id).added FROM customers c

-- name: added (18)
-- expect: refused functions added
SELECT n.added FROM generate_series(1, 3) n

-- name: initcap (19)
-- expect: refused functions initcap
SELECT (c).initcap FROM customers c

-- name: initcap (20)
-- expect: refused names initcap
SELECT c.initcap FROM customers c
