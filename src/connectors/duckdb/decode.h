#pragma once
// Private to this folder: DuckDB's vectors as rows.
#include <vector>

#include "connectors/duckdb/api.h"
#include "data/rows.h"

namespace sluice::duckdb_detail {

/// The kind and DuckDB's own name of a type ("DECIMAL(18,2)", "VARCHAR[]", "STRUCT(a INTEGER)").
Type type_of(const Api& api, duckdb_logical_type type);
Type type_of_name(std::string_view native);

/// Names and types of a result's columns.
std::vector<ResultColumn> columns_of(const Api& api, duckdb_result& result);

/// The rows of a chunk: values as data/rows.h says; lists, structs, maps and the like as text in DuckDB's notation.
std::vector<Row> rows_of(const Api& api, duckdb_data_chunk chunk);

}  // namespace sluice::duckdb_detail
