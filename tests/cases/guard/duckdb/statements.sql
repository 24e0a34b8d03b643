-- Statements that are not a plain read.

-- name: INSERT (1)
-- expect: refused reads-only INSERT
INSERT INTO orders (id) VALUES (99)

-- name: INSERT (2)
-- expect: refused reads-only INSERT
INSERT INTO orders BY NAME SELECT * FROM orders

-- name: INSERT (3)
-- expect: refused reads-only INSERT
INSERT OR REPLACE INTO orders (id) VALUES (1)

-- name: INSERT (4)
-- expect: refused reads-only INSERT
INSERT INTO orders (id) VALUES (99) RETURNING id

-- name: UPDATE (5)
-- expect: refused reads-only UPDATE
UPDATE orders SET total = 0

-- name: UPDATE (6)
-- expect: refused reads-only UPDATE
UPDATE orders SET total = 0 RETURNING id

-- name: DELETE (7)
-- expect: refused reads-only DELETE
DELETE FROM orders

-- name: DELETE (8)
-- expect: refused reads-only DELETE
DELETE FROM orders USING customers WHERE customer_id = customers.id

-- name: TRUNCATE (9)
-- expect: refused reads-only TRUNCATE
TRUNCATE orders

-- name: MERGE (10)
-- expect: refused reads-only MERGE
MERGE INTO orders USING customers ON customers.id = orders.id WHEN MATCHED THEN DELETE

-- name: COPY (11)
-- expect: refused reads-only COPY
COPY orders TO '/tmp/sluice-guard/orders.csv'

-- name: COPY (12)
-- expect: refused reads-only COPY
COPY (SELECT * FROM orders) TO '/tmp/sluice-guard/orders.parquet' (FORMAT parquet)

-- name: COPY (13)
-- expect: refused reads-only COPY
COPY orders FROM '/etc/passwd'

-- name: COPY (14)
-- expect: refused reads-only COPY
COPY orders TO 's3://bucket/orders.csv'

-- name: Statements that are not a plain read 15
-- expect: refused one-statement
COPY FROM DATABASE shop TO memory

-- name: EXPORT (16)
-- expect: refused reads-only EXPORT
EXPORT DATABASE '/tmp/sluice-guard/export'

-- name: Statements that are not a plain read 17
-- expect: refused parses
IMPORT DATABASE '/tmp/sluice-guard/export'

-- name: CREATE (18)
-- expect: refused reads-only CREATE
CREATE TABLE stolen AS SELECT * FROM customers

-- name: CREATE (19)
-- expect: refused reads-only CREATE
CREATE TEMP TABLE stolen AS SELECT * FROM customers

-- name: CREATE (20)
-- expect: refused reads-only CREATE
CREATE OR REPLACE TABLE orders (id INTEGER)

-- name: CREATE (21)
-- expect: refused reads-only CREATE
CREATE VIEW v AS SELECT 1

-- name: CREATE (22)
-- expect: refused reads-only CREATE
CREATE OR REPLACE VIEW big_orders AS SELECT 1 AS id

-- name: CREATE (23)
-- expect: refused reads-only CREATE
CREATE MACRO lower(x) AS 1

-- name: CREATE (24)
-- expect: refused reads-only CREATE
CREATE FUNCTION f(x) AS TABLE SELECT * FROM read_text('/etc/hostname')

-- name: CREATE (25)
-- expect: refused reads-only CREATE
CREATE INDEX i ON orders (total)

-- name: CREATE (26)
-- expect: refused reads-only CREATE
CREATE SEQUENCE s

-- name: CREATE (27)
-- expect: refused reads-only CREATE
CREATE SCHEMA mine

-- name: CREATE (28)
-- expect: refused reads-only CREATE
CREATE TYPE mood AS ENUM ('a')

-- name: CREATE (29)
-- expect: refused reads-only CREATE
CREATE SECRET s (TYPE s3)

-- name: CREATE (30)
-- expect: refused reads-only CREATE
CREATE PERSISTENT SECRET s (TYPE s3)

-- name: Statements that are not a plain read 31
-- expect: refused reads-only
ALTER TABLE orders ADD COLUMN x INTEGER

-- name: Statements that are not a plain read 32
-- expect: refused reads-only
ALTER TABLE orders RENAME TO old_orders

-- name: Statements that are not a plain read 33
-- expect: refused reads-only
DROP TABLE orders

-- name: Statements that are not a plain read 34
-- expect: refused reads-only
DROP SCHEMA main CASCADE

-- name: Statements that are not a plain read 35
-- expect: refused reads-only
DROP SECRET s

-- name: Statements that are not a plain read 36
-- expect: refused reads-only
COMMENT ON TABLE orders IS 'x'

-- name: SET (37)
-- expect: refused reads-only SET
SET enable_external_access = true

-- name: SET (38)
-- expect: refused reads-only SET
SET lock_configuration = false

-- name: SET (39)
-- expect: refused reads-only SET
SET GLOBAL memory_limit = '1TB'

-- name: SET (40)
-- expect: refused reads-only SET
SET VARIABLE a = 1

-- name: SET (41)
-- expect: refused reads-only SET
SET SESSION search_path = 'temp'

-- name: SET (42)
-- expect: refused reads-only SET
RESET memory_limit

-- name: Statements that are not a plain read 43
-- expect: refused reads-only
PRAGMA database_list

-- name: Statements that are not a plain read 44
-- expect: refused reads-only
PRAGMA enable_profiling

-- name: Statements that are not a plain read 45
-- expect: refused reads-only
PRAGMA memory_limit = '1TB'

-- name: Statements that are not a plain read 46
-- expect: refused reads-only
PRAGMA table_info('orders')

-- name: ATTACH (47)
-- expect: refused reads-only ATTACH
ATTACH '/tmp/sluice-guard/x.duckdb' AS x

-- name: ATTACH (48)
-- expect: refused reads-only ATTACH
ATTACH ':memory:' AS x

-- name: ATTACH (49)
-- expect: refused reads-only ATTACH
ATTACH IF NOT EXISTS 'dbname=shop' AS pg (TYPE postgres)

-- name: DETACH (50)
-- expect: refused reads-only DETACH
DETACH shop

-- name: Statements that are not a plain read 51
-- expect: refused reads-only
USE memory

-- name: LOAD (52)
-- expect: refused reads-only LOAD
INSTALL httpfs

-- name: LOAD (53)
-- expect: refused reads-only LOAD
FORCE INSTALL httpfs FROM 'http://example.org'

-- name: LOAD (54)
-- expect: refused reads-only LOAD
LOAD httpfs

-- name: LOAD (55)
-- expect: refused reads-only LOAD
LOAD '/tmp/sluice-guard/evil.duckdb_extension'

-- name: Statements that are not a plain read 56
-- expect: refused reads-only
UPDATE EXTENSIONS

-- name: CALL (57)
-- expect: refused reads-only CALL
CALL pragma_version()

-- name: CALL (58)
-- expect: refused reads-only CALL
CALL enable_logging()

-- name: PREPARE (59)
-- expect: refused reads-only PREPARE
PREPARE p AS DELETE FROM orders

-- name: EXECUTE (60)
-- expect: refused reads-only EXECUTE
EXECUTE p

-- name: Statements that are not a plain read 61
-- expect: refused reads-only
DEALLOCATE p

-- name: transaction (62)
-- expect: refused reads-only transaction
BEGIN TRANSACTION

-- name: transaction (63)
-- expect: refused reads-only transaction
COMMIT

-- name: transaction (64)
-- expect: refused reads-only transaction
ROLLBACK

-- name: Statements that are not a plain read 65
-- expect: refused reads-only
CHECKPOINT

-- name: Statements that are not a plain read 66
-- expect: refused reads-only
FORCE CHECKPOINT

-- name: Statements that are not a plain read 67
-- expect: refused reads-only
VACUUM

-- name: Statements that are not a plain read 68
-- expect: refused reads-only
ANALYZE

-- name: EXPLAIN (69)
-- expect: refused reads-only EXPLAIN
EXPLAIN SELECT 1

-- name: EXPLAIN (70)
-- expect: refused reads-only EXPLAIN
EXPLAIN ANALYZE DELETE FROM orders

-- name: Statements that are not a plain read 71
-- expect: refused reads-only
DESCRIBE orders

-- name: Statements that are not a plain read 72
-- expect: refused reads-only
SUMMARIZE orders

-- name: Statements that are not a plain read 73
-- expect: refused reads-only
SHOW TABLES

-- name: Statements that are not a plain read 74
-- expect: refused reads-only
SHOW ALL TABLES

-- name: Statements that are not a plain read 75
-- expect: refused reads-only
SELECT * FROM (DESCRIBE orders)

-- name: Statements that are not a plain read 76
-- expect: refused reads-only
SELECT * FROM (SHOW DATABASES)

-- name: Statements that are not a plain read 77
-- expect: refused one-statement
PIVOT orders ON status USING sum(total)

-- name: Statements that are not a plain read 78
-- expect: refused reads-only
FROM orders PIVOT (sum(total) FOR status IN ('open'))

-- name: Statements that are not a plain read 79
-- expect: refused reads-only
UNPIVOT orders ON total, id INTO NAME n VALUE v

-- name: Statements that are not a plain read 80
-- expect: refused reads-only
WITH x AS (SELECT 1 AS a) INSERT INTO orders (id) SELECT a FROM x

-- name: Statements that are not a plain read 81
-- expect: refused reads-only
WITH x AS (SELECT 1 AS a) DELETE FROM orders USING x WHERE id = x.a
