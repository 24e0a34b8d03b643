-- Tables and columns that are not the connection's.

-- name: custmers (1)
-- expect: refused names custmers
SELECT * FROM custmers

-- name: nmae (2)
-- expect: refused names nmae
SELECT nmae FROM customers

-- name: pg_authid (3)
-- expect: refused names pg_authid
SELECT * FROM pg_authid

-- name: pg_authid (4)
-- expect: refused names pg_authid
SELECT * FROM pg_catalog.pg_authid

-- name: pg_shadow (5)
-- expect: refused names pg_shadow
SELECT passwd FROM pg_shadow

-- name: pg_settings (6)
-- expect: refused names pg_settings
SELECT * FROM pg_settings

-- name: pg_stat_activity (7)
-- expect: refused names pg_stat_activity
SELECT query FROM pg_stat_activity

-- name: pg_class (8)
-- expect: refused names pg_class
SELECT relname FROM "pg_class"

-- name: pg_class (9)
-- expect: refused names pg_class
SELECT * FROM PG_CATALOG.PG_CLASS

-- name: pg_file_settings (10)
-- expect: refused names pg_file_settings
SELECT * FROM pg_file_settings

-- name: pg_hba_file_rules (11)
-- expect: refused names pg_hba_file_rules
SELECT * FROM pg_hba_file_rules

-- name: pg_largeobject (12)
-- expect: refused names pg_largeobject
SELECT * FROM pg_largeobject

-- name: information_schema (13)
-- expect: refused names information_schema
SELECT * FROM information_schema.tables

-- name: pg_toast (14)
-- expect: refused names pg_toast
SELECT * FROM pg_toast.pg_toast_1

-- name: pg_temp (15)
-- expect: refused names pg_temp
SELECT * FROM pg_temp.orders

-- name: pg_temp_3 (16)
-- expect: refused names pg_temp_3
SELECT * FROM pg_temp_3.orders

-- name: other (17)
-- expect: refused names other
SELECT * FROM other.public.orders

-- name: evil (18)
-- expect: refused names evil
SELECT * FROM evil.orders

-- name: Orders (19)
-- expect: refused names Orders
SELECT * FROM "Orders"

-- name: PUBLIC (20)
-- expect: refused names PUBLIC
SELECT * FROM "PUBLIC".orders

-- name: counter (21)
-- expect: refused names counter
SELECT last_value FROM counter

-- name: pg_authid (22)
-- expect: refused names pg_authid
WITH a AS (SELECT * FROM pg_authid) SELECT * FROM a

-- name: pg_authid (23)
-- expect: refused names pg_authid
WITH pg_authid AS (SELECT * FROM pg_authid) SELECT * FROM pg_authid

-- name: pg_authid (24)
-- expect: refused names pg_authid
SELECT (SELECT count(*) FROM pg_authid)

-- name: pg_authid (25)
-- expect: refused names pg_authid
SELECT * FROM customers c WHERE c.name IN (SELECT rolname FROM pg_authid)

-- name: pg_authid (26)
-- expect: refused names pg_authid
TABLE pg_authid

-- name: pg_authid (27)
-- expect: refused names pg_authid
SELECT id FROM orders UNION SELECT 1 FROM pg_authid

-- name: hidden (28)
-- expect: refused names hidden
SELECT * FROM (WITH hidden AS (SELECT 1) SELECT * FROM hidden) a, hidden
