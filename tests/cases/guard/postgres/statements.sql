-- Statements that are not a plain read.

-- name: INSERT (1)
-- expect: refused reads-only INSERT
INSERT INTO orders (id) VALUES (99)

-- name: INSERT (2)
-- expect: refused reads-only INSERT
INSERT INTO orders SELECT * FROM orders

-- name: INSERT (3)
-- expect: refused reads-only INSERT
INSERT INTO orders (id) VALUES (99) RETURNING id

-- name: UPDATE (4)
-- expect: refused reads-only UPDATE
UPDATE orders SET total = 0

-- name: UPDATE (5)
-- expect: refused reads-only UPDATE
UPDATE orders SET total = 0 WHERE id = 1 RETURNING *

-- name: DELETE (6)
-- expect: refused reads-only DELETE
DELETE FROM orders

-- name: DELETE (7)
-- expect: refused reads-only DELETE
DELETE FROM orders USING customers WHERE customer_id = customers.id RETURNING orders.id

-- name: MERGE (8)
-- expect: refused reads-only MERGE
MERGE INTO orders o USING customers c ON c.id = o.customer_id WHEN MATCHED THEN DELETE

-- name: TRUNCATE (9)
-- expect: refused reads-only TRUNCATE
TRUNCATE orders

-- name: Statements that are not a plain read 10
-- expect: refused reads-only
CREATE TABLE stolen AS SELECT * FROM customers

-- name: Statements that are not a plain read 11
-- expect: refused reads-only
CREATE TEMP TABLE stolen AS SELECT * FROM customers

-- name: Statements that are not a plain read 12
-- expect: refused reads-only
CREATE TABLE t (a int)

-- name: Statements that are not a plain read 13
-- expect: refused reads-only
CREATE VIEW v AS SELECT 1

-- name: Statements that are not a plain read 14
-- expect: refused reads-only
CREATE OR REPLACE VIEW big_orders AS SELECT id, customer_id, total FROM orders

-- name: Statements that are not a plain read 15
-- expect: refused reads-only
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a

-- name: Statements that are not a plain read 16
-- expect: refused reads-only
REFRESH MATERIALIZED VIEW m

-- name: Statements that are not a plain read 17
-- expect: refused reads-only
CREATE INDEX i ON orders (total)

-- name: Statements that are not a plain read 18
-- expect: refused reads-only
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'

-- name: Statements that are not a plain read 19
-- expect: refused reads-only
CREATE EXTENSION file_fdw

-- name: Statements that are not a plain read 20
-- expect: refused reads-only
CREATE ROLE intruder SUPERUSER

-- name: Statements that are not a plain read 21
-- expect: refused reads-only
CREATE SCHEMA mine

-- name: Statements that are not a plain read 22
-- expect: refused reads-only
CREATE SERVER s FOREIGN DATA WRAPPER w

-- name: Statements that are not a plain read 23
-- expect: refused reads-only
CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION suppress_redundant_updates_trigger()

-- name: Statements that are not a plain read 24
-- expect: refused reads-only
CREATE RULE r AS ON SELECT TO orders DO INSTEAD SELECT 1

-- name: Statements that are not a plain read 25
-- expect: refused reads-only
CREATE DOMAIN d AS int CHECK (VALUE > 0)

-- name: Statements that are not a plain read 26
-- expect: refused reads-only
CREATE CAST (text AS integer) WITH INOUT

-- name: Statements that are not a plain read 27
-- expect: refused reads-only
CREATE PUBLICATION p FOR ALL TABLES

-- name: Statements that are not a plain read 28
-- expect: refused reads-only
CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p

-- name: Statements that are not a plain read 29
-- expect: refused reads-only
CREATE TYPE t AS (a int)

-- name: Statements that are not a plain read 30
-- expect: refused reads-only
CREATE AGGREGATE a (int) (SFUNC = int4pl, STYPE = int)

-- name: Statements that are not a plain read 31
-- expect: refused reads-only
CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()

-- name: Statements that are not a plain read 32
-- expect: refused reads-only
ALTER TABLE orders ADD COLUMN x int

-- name: Statements that are not a plain read 33
-- expect: refused reads-only
ALTER TABLE orders RENAME TO old_orders

-- name: Statements that are not a plain read 34
-- expect: refused reads-only
ALTER ROLE postgres PASSWORD 'x'

-- name: Statements that are not a plain read 35
-- expect: refused reads-only
ALTER SYSTEM SET shared_preload_libraries = 'evil'

-- name: Statements that are not a plain read 36
-- expect: refused reads-only
ALTER DATABASE shop SET search_path = evil

-- name: Statements that are not a plain read 37
-- expect: refused reads-only
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO public

-- name: Statements that are not a plain read 38
-- expect: refused reads-only
DROP TABLE orders

-- name: Statements that are not a plain read 39
-- expect: refused reads-only
DROP TABLE orders CASCADE

-- name: Statements that are not a plain read 40
-- expect: refused reads-only
DROP OWNED BY postgres

-- name: Statements that are not a plain read 41
-- expect: refused reads-only
DROP DATABASE shop

-- name: Statements that are not a plain read 42
-- expect: refused reads-only
GRANT ALL ON orders TO public

-- name: Statements that are not a plain read 43
-- expect: refused reads-only
REVOKE SELECT ON orders FROM public

-- name: Statements that are not a plain read 44
-- expect: refused reads-only
COMMENT ON TABLE orders IS 'x'

-- name: Statements that are not a plain read 45
-- expect: refused reads-only
REASSIGN OWNED BY postgres TO public

-- name: COPY (46)
-- expect: refused reads-only COPY
COPY orders TO '/tmp/sluice-guard-orders.csv'

-- name: COPY (47)
-- expect: refused reads-only COPY
COPY orders TO PROGRAM 'touch /tmp/sluice-guard-program'

-- name: COPY (48)
-- expect: refused reads-only COPY
COPY orders FROM '/etc/passwd'

-- name: COPY (49)
-- expect: refused reads-only COPY
COPY (SELECT * FROM orders) TO STDOUT

-- name: COPY (50)
-- expect: refused reads-only COPY
COPY orders TO STDOUT

-- name: SET (51)
-- expect: refused reads-only SET
SET search_path = evil

-- name: SET (52)
-- expect: refused reads-only SET
SET SESSION AUTHORIZATION postgres

-- name: SET (53)
-- expect: refused reads-only SET
SET ROLE postgres

-- name: SET (54)
-- expect: refused reads-only SET
SET TRANSACTION READ WRITE

-- name: SET (55)
-- expect: refused reads-only SET
SET LOCAL statement_timeout = 0

-- name: SET (56)
-- expect: refused reads-only SET
RESET ALL

-- name: SHOW (57)
-- expect: refused reads-only SHOW
SHOW ALL

-- name: SHOW (58)
-- expect: refused reads-only SHOW
SHOW hba_file

-- name: DO (59)
-- expect: refused reads-only DO
DO $$ BEGIN DELETE FROM orders; END $$

-- name: DO (60)
-- expect: refused reads-only DO
DO LANGUAGE plpgsql 'BEGIN DELETE FROM orders; END'

-- name: CALL (61)
-- expect: refused reads-only CALL
CALL vacuum_all()

-- name: PREPARE (62)
-- expect: refused reads-only PREPARE
PREPARE p AS DELETE FROM orders

-- name: EXECUTE (63)
-- expect: refused reads-only EXECUTE
EXECUTE p

-- name: DEALLOCATE (64)
-- expect: refused reads-only DEALLOCATE
DEALLOCATE ALL

-- name: DISCARD (65)
-- expect: refused reads-only DISCARD
DISCARD ALL

-- name: transaction (66)
-- expect: refused reads-only transaction
BEGIN

-- name: transaction (67)
-- expect: refused reads-only transaction
COMMIT

-- name: transaction (68)
-- expect: refused reads-only transaction
ROLLBACK

-- name: transaction (69)
-- expect: refused reads-only transaction
SAVEPOINT s

-- name: transaction (70)
-- expect: refused reads-only transaction
START TRANSACTION READ WRITE

-- name: transaction (71)
-- expect: refused reads-only transaction
PREPARE TRANSACTION 'x'

-- name: transaction (72)
-- expect: refused reads-only transaction
COMMIT AND CHAIN

-- name: LOCK (73)
-- expect: refused reads-only LOCK
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE

-- name: LISTEN (74)
-- expect: refused reads-only LISTEN
LISTEN c

-- name: NOTIFY (75)
-- expect: refused reads-only NOTIFY
NOTIFY c, 'x'

-- name: LOAD (76)
-- expect: refused reads-only LOAD
LOAD 'auto_explain'

-- name: VACUUM (77)
-- expect: refused reads-only VACUUM
VACUUM orders

-- name: VACUUM (78)
-- expect: refused reads-only VACUUM
ANALYZE orders

-- name: CHECKPOINT (79)
-- expect: refused reads-only CHECKPOINT
CHECKPOINT

-- name: CLUSTER (80)
-- expect: refused reads-only CLUSTER
CLUSTER orders

-- name: REINDEX (81)
-- expect: refused reads-only REINDEX
REINDEX TABLE orders

-- name: DECLARE (82)
-- expect: refused reads-only DECLARE
DECLARE c CURSOR FOR SELECT 1

-- name: FETCH (83)
-- expect: refused reads-only FETCH
FETCH ALL FROM c

-- name: CLOSE (84)
-- expect: refused reads-only CLOSE
CLOSE ALL

-- name: EXPLAIN (85)
-- expect: refused reads-only EXPLAIN
EXPLAIN SELECT 1

-- name: EXPLAIN (86)
-- expect: refused reads-only EXPLAIN
EXPLAIN ANALYZE DELETE FROM orders

-- name: EXPLAIN (87)
-- expect: refused reads-only EXPLAIN
EXPLAIN (ANALYZE, BUFFERS) SELECT added(1)

-- name: SECURITY LABEL (88)
-- expect: refused reads-only SECURITY LABEL
SECURITY LABEL ON TABLE orders IS 'x'

-- name: IMPORT (89)
-- expect: refused reads-only IMPORT
IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public
