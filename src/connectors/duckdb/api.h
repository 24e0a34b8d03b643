#pragma once
// Private to this folder: the C interface of DuckDB, loaded on first use.
#include <duckdb.h>

#include "base/result.h"

// Every function that this folder calls; loading fails where the library lacks one.
// clang-format off: a list, laid out by hand
#define SLUICE_DUCKDB_FUNCTIONS(F)                                                                                                          \
  F(duckdb_library_version) F(duckdb_create_config) F(duckdb_set_config) F(duckdb_destroy_config) F(duckdb_open_ext) F(duckdb_close)        \
  F(duckdb_connect) F(duckdb_disconnect) F(duckdb_interrupt) F(duckdb_free) F(duckdb_query) F(duckdb_destroy_result)                        \
  F(duckdb_result_error) F(duckdb_result_error_type) F(duckdb_result_statement_type) F(duckdb_rows_changed) F(duckdb_column_count)          \
  F(duckdb_column_name) F(duckdb_column_type) F(duckdb_column_logical_type) F(duckdb_fetch_chunk) F(duckdb_prepare)                         \
  F(duckdb_prepare_error) F(duckdb_destroy_prepare) F(duckdb_nparams) F(duckdb_bind_varchar_length) F(duckdb_bind_int64)                    \
  F(duckdb_execute_prepared) F(duckdb_pending_prepared_streaming) F(duckdb_pending_error) F(duckdb_pending_execute_task)                    \
  F(duckdb_pending_execution_is_finished) F(duckdb_execute_pending) F(duckdb_destroy_pending) F(duckdb_prepared_statement_type)             \
  F(duckdb_extract_statements) F(duckdb_extract_statements_error) F(duckdb_prepare_extracted_statement) F(duckdb_destroy_extracted)         \
  F(duckdb_destroy_data_chunk) F(duckdb_data_chunk_get_size) F(duckdb_data_chunk_get_column_count) F(duckdb_data_chunk_get_vector)          \
  F(duckdb_vector_get_data) F(duckdb_vector_get_validity) F(duckdb_validity_row_is_valid) F(duckdb_vector_get_column_type)                  \
  F(duckdb_list_vector_get_child) F(duckdb_struct_vector_get_child) F(duckdb_array_vector_get_child) F(duckdb_list_type_child_type)         \
  F(duckdb_array_type_child_type) F(duckdb_array_type_array_size) F(duckdb_struct_type_child_count) F(duckdb_struct_type_child_name)        \
  F(duckdb_struct_type_child_type) F(duckdb_map_type_key_type) F(duckdb_map_type_value_type) F(duckdb_union_type_member_count)              \
  F(duckdb_union_type_member_name) F(duckdb_union_type_member_type) F(duckdb_get_type_id) F(duckdb_decimal_width) F(duckdb_decimal_scale)   \
  F(duckdb_decimal_internal_type) F(duckdb_enum_internal_type) F(duckdb_enum_dictionary_value) F(duckdb_logical_type_get_alias)             \
  F(duckdb_create_logical_type) F(duckdb_create_decimal_type) F(duckdb_destroy_logical_type) F(duckdb_string_is_inlined)                    \
  F(duckdb_string_t_length) F(duckdb_string_t_data) F(duckdb_appender_create) F(duckdb_appender_error) F(duckdb_appender_flush)             \
  F(duckdb_appender_close) F(duckdb_appender_destroy) F(duckdb_appender_end_row) F(duckdb_append_null) F(duckdb_append_bool)                \
  F(duckdb_append_int64) F(duckdb_append_double) F(duckdb_append_varchar_length) F(duckdb_append_blob)
// clang-format on

namespace sluice::duckdb_detail {

/// The library's functions under their own names: `api.duckdb_query(…)`. Lives as long as the process.
struct Api {
#define SLUICE_DUCKDB_MEMBER(name) decltype(&::name) name = nullptr;
  SLUICE_DUCKDB_FUNCTIONS(SLUICE_DUCKDB_MEMBER)
#undef SLUICE_DUCKDB_MEMBER
};

/// "v1.5.5": a 1.x from 1.4 on. Another major version may keep the functions and mean something else by them.
bool is_supported_version(std::string_view version);

/// Loads the library the first time. E0400. Any thread.
Result<const Api*> load_api();

}  // namespace sluice::duckdb_detail
