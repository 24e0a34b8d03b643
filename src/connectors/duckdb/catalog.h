#pragma once
// Private to this folder: what an open source holds.
#include "connectors/duckdb/source.h"
#include "data/catalog.h"
#include "data/column_values.h"

namespace sluice::duckdb_detail {

/// The tables of the source (`only` these, where given), with declared keys; without `user_functions`.
Result<Catalog> read_catalog(Connection& connection, const OpenSource& open, const DuckDbSource& source, std::span<const TableName> only);
/// Macros that somebody added. DuckDB walks through thousands of its own to tell (35 ms).
Result<std::vector<std::string>> read_user_functions(Connection& connection);

/// Distinct values of the tables' text columns, most frequent first, at most `values_max` a column, until `deadline`.
Result<std::vector<ColumnValues>> read_values(Connection& connection, const Catalog& catalog, std::span<const TableName> tables, int values_max,
                                              std::chrono::steady_clock::time_point deadline);

/// Keys and row counts that an SQLite file declares and DuckDB does not tell; by SQLite's own library, read-only.
Result<> add_sqlite_keys(Catalog& catalog, const std::string& path);

/// What a plan (EXPLAIN's JSON) expects: rows of the result, and bytes that its scans read, from row counts and widths of the columns read.
Estimate estimate_of(const Json& plan, const Catalog& catalog, const OpenSource& open, const DuckDbSource& source);

}  // namespace sluice::duckdb_detail
