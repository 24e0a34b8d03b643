-- Tables and columns that are not the connection's.

-- name: custmers (1)
-- expect: refused names custmers
SELECT * FROM custmers

-- name: nmae (2)
-- expect: refused names nmae
SELECT nmae FROM customers

-- name: sqlite_master (3)
-- expect: refused names sqlite_master
SELECT * FROM sqlite_master

-- name: duckdb_tables (4)
-- expect: refused names duckdb_tables
SELECT * FROM duckdb_tables

-- name: duckdb_settings (5)
-- expect: refused names duckdb_settings
SELECT * FROM duckdb_settings

-- name: pg_class (6)
-- expect: refused names pg_class
SELECT * FROM pg_class

-- name: pg_catalog.pg_tables (7)
-- expect: refused names pg_catalog.pg_tables
SELECT * FROM pg_catalog.pg_tables

-- name: information_schema.tables (8)
-- expect: refused names information_schema.tables
SELECT * FROM information_schema.tables

-- name: pragma_database_list (9)
-- expect: refused names pragma_database_list
SELECT * FROM pragma_database_list

-- name: temp (10)
-- expect: refused names temp
SELECT * FROM temp.orders

-- name: memory (11)
-- expect: refused names memory
SELECT * FROM memory.main.orders

-- name: system (12)
-- expect: refused names system
SELECT * FROM system.main.duckdb_tables

-- name: temp.main (13)
-- expect: refused names temp.main
SELECT * FROM temp.main.sqlite_master

-- name: evil (14)
-- expect: refused names evil
SELECT * FROM evil.orders

-- name: sqlite_master (15)
-- expect: refused names sqlite_master
WITH a AS (FROM sqlite_master) SELECT * FROM a

-- name: sqlite_master (16)
-- expect: refused names sqlite_master
SELECT (SELECT count(*) FROM sqlite_master)

-- name: sqlite_master (17)
-- expect: refused names sqlite_master
SELECT id FROM orders UNION ALL SELECT 1 FROM sqlite_master

-- name: counter (18)
-- expect: refused names counter
SELECT * FROM counter

-- name: hidden (19)
-- expect: refused names hidden
SELECT * FROM (WITH hidden AS (SELECT 1 AS a) FROM hidden) a, hidden
