-- Functions that act: SQL, network, time, locks, signals, sequences, settings.

-- name: query_to_xml (1)
-- expect: refused functions query_to_xml
SELECT query_to_xml('DELETE FROM orders', true, false, '')

-- name: query_to_xmlschema (2)
-- expect: refused functions query_to_xmlschema
SELECT query_to_xmlschema('SELECT 1', true, false, '')

-- name: table_to_xml (3)
-- expect: refused functions table_to_xml
SELECT table_to_xml('pg_authid', true, false, '')

-- name: schema_to_xml (4)
-- expect: refused functions schema_to_xml
SELECT schema_to_xml('public', true, false, '')

-- name: database_to_xml (5)
-- expect: refused functions database_to_xml
SELECT database_to_xml(true, false, '')

-- name: cursor_to_xml (6)
-- expect: refused functions cursor_to_xml
SELECT cursor_to_xml('c', 1, true, false, '')

-- name: ts_stat (7)
-- expect: refused functions ts_stat
SELECT * FROM ts_stat('SELECT to_tsvector(name) FROM customers')

-- name: ts_rewrite (8)
-- expect: refused functions ts_rewrite
SELECT ts_rewrite('a'::tsquery, 'SELECT 1, 2')

-- name: dblink (9)
-- expect: refused functions dblink
SELECT * FROM dblink('dbname=shop', 'DELETE FROM orders')

-- name: dblink_exec (10)
-- expect: refused functions dblink_exec
SELECT dblink_exec('dbname=shop', 'DELETE FROM orders')

-- name: crosstab (11)
-- expect: refused functions crosstab
SELECT * FROM crosstab('SELECT 1')

-- name: pg_sleep (12)
-- expect: refused functions pg_sleep
SELECT pg_sleep(0.01)

-- name: pg_sleep_for (13)
-- expect: refused functions pg_sleep_for
SELECT pg_sleep_for('10 milliseconds')

-- name: pg_sleep_until (14)
-- expect: refused functions pg_sleep_until
SELECT pg_sleep_until(now())

-- name: pg_advisory_lock (15)
-- expect: refused functions pg_advisory_lock
SELECT pg_advisory_lock(1)

-- name: pg_advisory_xact_lock (16)
-- expect: refused functions pg_advisory_xact_lock
SELECT pg_advisory_xact_lock(1)

-- name: pg_try_advisory_lock (17)
-- expect: refused functions pg_try_advisory_lock
SELECT pg_try_advisory_lock(1)

-- name: pg_advisory_unlock_all (18)
-- expect: refused functions pg_advisory_unlock_all
SELECT pg_advisory_unlock_all()

-- name: pg_terminate_backend (19)
-- expect: refused functions pg_terminate_backend
SELECT pg_terminate_backend(0)

-- name: pg_cancel_backend (20)
-- expect: refused functions pg_cancel_backend
SELECT pg_cancel_backend(0)

-- name: pg_reload_conf (21)
-- expect: refused functions pg_reload_conf
SELECT pg_reload_conf()

-- name: pg_rotate_logfile (22)
-- expect: refused functions pg_rotate_logfile
SELECT pg_rotate_logfile()

-- name: pg_switch_wal (23)
-- expect: refused functions pg_switch_wal
SELECT pg_switch_wal()

-- name: pg_create_restore_point (24)
-- expect: refused functions pg_create_restore_point
SELECT pg_create_restore_point('x')

-- name: pg_promote (25)
-- expect: refused functions pg_promote
SELECT pg_promote()

-- name: pg_logical_emit_message (26)
-- expect: refused functions pg_logical_emit_message
SELECT pg_logical_emit_message(false, 'a', 'b')

-- name: pg_create_physical_replication_slot (27)
-- expect: refused functions pg_create_physical_replication_slot
SELECT pg_create_physical_replication_slot('x')

-- name: pg_notify (28)
-- expect: refused functions pg_notify
SELECT pg_notify('c', 'x')

-- name: nextval (29)
-- expect: refused functions nextval
SELECT nextval('counter')

-- name: setval (30)
-- expect: refused functions setval
SELECT setval('counter', 100)

-- name: currval (31)
-- expect: refused functions currval
SELECT currval('counter')

-- name: lastval (32)
-- expect: refused functions lastval
SELECT lastval()

-- name: set_config (33)
-- expect: refused functions set_config
SELECT set_config('transaction_read_only', 'off', false)

-- name: current_setting (34)
-- expect: refused functions current_setting
SELECT current_setting('hba_file')

-- name: setseed (35)
-- expect: refused functions setseed
SELECT setseed(0.5)

-- name: txid_current (36)
-- expect: refused functions txid_current
SELECT txid_current()

-- name: pg_current_xact_id (37)
-- expect: refused functions pg_current_xact_id
SELECT pg_current_xact_id()

-- name: pg_export_snapshot (38)
-- expect: refused functions pg_export_snapshot
SELECT pg_export_snapshot()

-- name: pg_stat_reset (39)
-- expect: refused functions pg_stat_reset
SELECT pg_stat_reset()

-- name: pg_stat_get_activity (40)
-- expect: refused functions pg_stat_get_activity
SELECT * FROM pg_stat_get_activity(NULL)

-- name: pg_get_viewdef (41)
-- expect: refused functions pg_get_viewdef
SELECT pg_get_viewdef('leak'::regclass)

-- name: pg_show_all_settings (42)
-- expect: refused functions pg_show_all_settings
SELECT * FROM pg_show_all_settings()

-- name: inet_server_addr (43)
-- expect: refused functions inet_server_addr
SELECT inet_server_addr()

-- name: has_table_privilege (44)
-- expect: refused functions has_table_privilege
SELECT has_table_privilege('orders', 'select')

-- name: pg_relation_size (45)
-- expect: refused functions pg_relation_size
SELECT pg_relation_size('orders')

-- name: to_regclass (46)
-- expect: refused functions to_regclass
SELECT to_regclass('orders')

-- name: pg_import_system_collations (47)
-- expect: refused functions pg_import_system_collations
SELECT pg_import_system_collations('public')

-- name: pg_backup_start (48)
-- expect: refused functions pg_backup_start
SELECT pg_backup_start('x')

-- name: brin_summarize_new_values (49)
-- expect: refused functions brin_summarize_new_values
SELECT brin_summarize_new_values('i')

-- name: gin_clean_pending_list (50)
-- expect: refused functions gin_clean_pending_list
SELECT gin_clean_pending_list('i')

-- name: pg_prewarm (51)
-- expect: refused functions pg_prewarm
SELECT pg_prewarm('orders')

-- name: pg_xact_commit_timestamp (52)
-- expect: refused functions pg_xact_commit_timestamp
SELECT pg_xact_commit_timestamp('1'::xid)
