-- Functions that run SQL, act, or tell about the server.

-- name: query (1)
-- expect: refused functions query
SELECT * FROM query('DELETE FROM orders')

-- name: query (2)
-- expect: refused functions query
FROM query('FROM read_text(''/etc/hostname'')')

-- name: query_table (3)
-- expect: refused functions query_table
SELECT * FROM query_table('leak')

-- name: query_table (4)
-- expect: refused functions query_table
FROM query_table(['orders', 'leak'])

-- name: json_execute_serialized_sql (5)
-- expect: refused functions json_execute_serialized_sql
SELECT * FROM json_execute_serialized_sql('{}')

-- name: json_serialize_sql (6)
-- expect: refused functions json_serialize_sql
SELECT json_serialize_sql('SELECT 1')

-- name: json_deserialize_sql (7)
-- expect: refused functions json_deserialize_sql
SELECT json_deserialize_sql('{}')

-- name: json_serialize_plan (8)
-- expect: refused functions json_serialize_plan
SELECT json_serialize_plan('SELECT 1')

-- name: from_substrait (9)
-- expect: refused functions from_substrait
SELECT * FROM from_substrait('x'::BLOB)

-- name: nextval (10)
-- expect: refused functions nextval
SELECT nextval('counter')

-- name: currval (11)
-- expect: refused functions currval
SELECT currval('counter')

-- name: setseed (12)
-- expect: refused functions setseed
SELECT setseed(0.5)

-- name: write_log (13)
-- expect: refused functions write_log
SELECT write_log('x')

-- name: sleep_ms (14)
-- expect: refused functions sleep_ms
SELECT sleep_ms(1)

-- name: current_setting (15)
-- expect: refused functions current_setting
SELECT current_setting('memory_limit')

-- name: getvariable (16)
-- expect: refused functions getvariable
SELECT getvariable('a')

-- name: current_query (17)
-- expect: refused functions current_query
SELECT current_query()

-- name: txid_current (18)
-- expect: refused functions txid_current
SELECT txid_current()

-- name: checkpoint (19)
-- expect: refused functions checkpoint
SELECT * FROM checkpoint()

-- name: force_checkpoint (20)
-- expect: refused functions force_checkpoint
SELECT * FROM force_checkpoint()

-- name: enable_logging (21)
-- expect: refused functions enable_logging
SELECT * FROM enable_logging()

-- name: truncate_duckdb_logs (22)
-- expect: refused functions truncate_duckdb_logs
SELECT * FROM truncate_duckdb_logs()

-- name: duckdb_settings (23)
-- expect: refused functions duckdb_settings
SELECT * FROM duckdb_settings()

-- name: duckdb_secrets (24)
-- expect: refused functions duckdb_secrets
SELECT * FROM duckdb_secrets()

-- name: which_secret (25)
-- expect: refused functions which_secret
SELECT * FROM which_secret('s3://x', 's3')

-- name: duckdb_tables (26)
-- expect: refused functions duckdb_tables
SELECT * FROM duckdb_tables()

-- name: duckdb_functions (27)
-- expect: refused functions duckdb_functions
SELECT * FROM duckdb_functions()

-- name: duckdb_databases (28)
-- expect: refused functions duckdb_databases
SELECT * FROM duckdb_databases()

-- name: duckdb_extensions (29)
-- expect: refused functions duckdb_extensions
SELECT * FROM duckdb_extensions()

-- name: duckdb_variables (30)
-- expect: refused functions duckdb_variables
SELECT * FROM duckdb_variables()

-- name: duckdb_logs (31)
-- expect: refused functions duckdb_logs
SELECT * FROM duckdb_logs()

-- name: duckdb_temporary_files (32)
-- expect: refused functions duckdb_temporary_files
SELECT * FROM duckdb_temporary_files()

-- name: pragma_database_list (33)
-- expect: refused functions pragma_database_list
SELECT * FROM pragma_database_list()

-- name: pragma_table_info (34)
-- expect: refused functions pragma_table_info
SELECT * FROM pragma_table_info('orders')

-- name: pragma_storage_info (35)
-- expect: refused functions pragma_storage_info
SELECT * FROM pragma_storage_info('orders')

-- name: pragma_user_agent (36)
-- expect: refused functions pragma_user_agent
SELECT * FROM pragma_user_agent()

-- name: has_table_privilege (37)
-- expect: refused functions has_table_privilege
SELECT has_table_privilege('orders', 'select')

-- name: pg_get_viewdef (38)
-- expect: refused functions pg_get_viewdef
SELECT pg_get_viewdef(1)

-- name: in_search_path (39)
-- expect: refused functions in_search_path
SELECT in_search_path('shop', 'main')

-- name: test_all_types (40)
-- expect: refused functions test_all_types
SELECT * FROM test_all_types()

-- name: summary (41)
-- expect: refused functions summary
SELECT * FROM summary((FROM orders))

-- name: load_aws_credentials (42)
-- expect: refused functions load_aws_credentials
SELECT * FROM load_aws_credentials()

-- name: fts_main_orders.match_bm25 (43)
-- expect: refused functions fts_main_orders.match_bm25
SELECT fts_main_orders.match_bm25(id, 'x') FROM orders

-- name: nothing_of_the_kind (44)
-- expect: refused functions nothing_of_the_kind
SELECT nothing_of_the_kind(1)

-- name: COLUMNS (45)
-- expect: refused reads-only COLUMNS
SELECT COLUMNS('i.*') FROM orders

-- name: COLUMNS (46)
-- expect: refused reads-only COLUMNS
SELECT max(COLUMNS(*)) FROM orders

-- name: Functions that run SQL, act, or tell about the server 47
-- expect: refused reads-only
SELECT #1 FROM orders

-- name: USING SAMPLE (48)
-- expect: refused reads-only USING SAMPLE
SELECT count(*) FROM orders USING SAMPLE 50%
