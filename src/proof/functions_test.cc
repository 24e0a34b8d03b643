#include "proof/functions.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice {
namespace {

TEST(Functions, ThatActOrTellAreOnNoList) {
  // One of every family that the engines have: files, network, SQL as text, waiting, locks, signals, writes, settings, the server's state.
  for (const char* name : {"pg_read_file",
                           "pg_read_binary_file",
                           "pg_ls_dir",
                           "pg_stat_file",
                           "lo_import",
                           "lo_export",
                           "lo_get",
                           "lo_put",
                           "loread",
                           "lowrite",
                           "query_to_xml",
                           "table_to_xml",
                           "schema_to_xml",
                           "database_to_xml",
                           "cursor_to_xml",
                           "ts_stat",
                           "ts_rewrite",
                           "dblink",
                           "dblink_exec",
                           "pg_sleep",
                           "pg_sleep_for",
                           "pg_sleep_until",
                           "pg_advisory_lock",
                           "pg_try_advisory_xact_lock",
                           "pg_cancel_backend",
                           "pg_terminate_backend",
                           "pg_reload_conf",
                           "pg_notify",
                           "nextval",
                           "setval",
                           "currval",
                           "lastval",
                           "set_config",
                           "current_setting",
                           "setseed",
                           "pg_stat_get_activity",
                           "pg_show_all_settings",
                           "pg_current_wal_lsn",
                           "txid_current",
                           "pg_export_snapshot",
                           "pg_logical_emit_message",
                           "pg_switch_wal",
                           "has_table_privilege",
                           "pg_get_viewdef",
                           "pg_relation_size",
                           "inet_server_addr",
                           "pg_lock_status",
                           "pg_backup_start",
                           "pg_promote",
                           "pg_rotate_logfile",
                           "pg_hba_file_rules",
                           "pg_prepared_statement",
                           "currtid2",
                           "row_security_active"}) {
    EXPECT_FALSE(computes_only(Dialect::postgres, name)) << name;
    EXPECT_FALSE(makes_rows_only(Dialect::postgres, name)) << name;
  }
  for (const char* name : {"read_csv",
                           "read_csv_auto",
                           "read_parquet",
                           "parquet_scan",
                           "read_json",
                           "read_text",
                           "read_blob",
                           "read_duckdb",
                           "glob",
                           "sniff_csv",
                           "parquet_metadata",
                           "parquet_schema",
                           "query",
                           "query_table",
                           "json_execute_serialized_sql",
                           "json_serialize_plan",
                           "json_serialize_sql",
                           "json_deserialize_sql",
                           "getenv",
                           "getvariable",
                           "current_setting",
                           "nextval",
                           "currval",
                           "setseed",
                           "write_log",
                           "sleep_ms",
                           "pg_sleep",
                           "checkpoint",
                           "force_checkpoint",
                           "enable_logging",
                           "duckdb_tables",
                           "duckdb_settings",
                           "duckdb_secrets",
                           "which_secret",
                           "pragma_table_info",
                           "pragma_storage_info",
                           "seq_scan",
                           "arrow_scan",
                           "pandas_scan",
                           "python_map_function",
                           "summary",
                           "current_query",
                           "has_table_privilege",
                           "sqlite_scan",
                           "postgres_query",
                           "test_all_types",
                           "truncate_duckdb_logs"}) {
    EXPECT_FALSE(computes_only(Dialect::duckdb, name)) << name;
    EXPECT_FALSE(makes_rows_only(Dialect::duckdb, name)) << name;
  }
}

TEST(Functions, OfEverydayQueriesAreOnTheLists) {
  for (const Dialect dialect : {Dialect::duckdb, Dialect::postgres}) {
    for (const char* name : {"count", "sum", "avg", "lower", "coalesce", "date_trunc", "row_number", "lag", "string_agg", "round", "now"})
      EXPECT_TRUE(computes_only(dialect, name)) << name;
    EXPECT_TRUE(makes_rows_only(dialect, "generate_series"));
    EXPECT_TRUE(makes_rows_only(dialect, "unnest"));
    EXPECT_FALSE(makes_rows_only(dialect, "lower")) << "a function that computes one value is no relation";
  }
}

TEST(Functions, NamesAreExact) {
  for (const char* name : {"", " ", "LOWER", "lower ", "[from]", "#", "low", "pg_catalog.lower"})
    EXPECT_FALSE(computes_only(Dialect::postgres, name)) << name;
}

struct TypeCase {
  const char* type;
  bool postgres, duckdb;
};

TEST(Types, OnlyPlainOnes) {
  constexpr std::array<TypeCase, 36> kCases{{
      {"integer", true, true},
      {"INTEGER", true, true},
      {"numeric(10, 2)", true, true},
      {"character varying(40)", true, true},
      {"timestamp(3) with time zone", true, true},
      {"timestamp with time zone", true, true},
      {"text[]", true, true},
      {"varchar[]", true, true},
      {"integer[][]", true, true},
      {"interval day to second", true, true},
      {"pg_catalog.int4", true, true},
      {"pg_catalog.int4[]", true, true},
      {"jsonb", true, false},
      {"float[3]", false, true},
      {"struct(a integer, b varchar)", false, true},
      {"map(varchar, integer)", false, true},
      {"hugeint", false, true},
      {"regclass", false, false},
      {"regproc", false, false},
      {"regclass[]", false, false},
      {"pg_catalog.regclass", false, false},
      {"oid", false, true},
      {"xml", false, false},
      {"mood", false, false},
      {"public.text", false, false},
      {"public.string", false, false},
      // Words of DuckDB's that may be somebody's domain in PostgreSQL.
      {"string", false, true},
      {"blob", false, true},
      {"datetime", false, true},
      {"tinyint", false, true},
      {"citext", false, false},
      // What was quoted is no word of the grammar.
      {"\"TEXT\"", false, false},
      {"\"text\"[]", false, false},
      {"\"a(text\"", false, false},
      {"", false, false},
      {"int eger", false, false},
  }};
  for (const TypeCase& one : kCases) {
    EXPECT_EQ(is_plain_type(Dialect::duckdb, one.type), one.duckdb) << one.type;
    EXPECT_EQ(is_plain_type(Dialect::postgres, one.type), one.postgres) << one.type;
  }
}

TEST(Operators, OfOtherSchemasAreNotPlain) {
  for (const Dialect dialect : {Dialect::duckdb, Dialect::postgres}) {
    for (const char* op : {"+", "=", "<>", "||", "like", "->>"}) EXPECT_TRUE(is_plain_operator(dialect, op)) << op;
    for (const char* op : {"public.+", "sales.=", "~~>", "", "===>"}) EXPECT_FALSE(is_plain_operator(dialect, op)) << op;
  }
  EXPECT_TRUE(is_plain_operator(Dialect::postgres, "pg_catalog.+"));
}

}  // namespace
}  // namespace sluice
