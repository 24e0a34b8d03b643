#pragma once
// Private to this folder: what an open source holds.
#include "connectors/duckdb/source.h"
#include "data/catalog.h"
#include "data/column_ranges.h"
#include "data/column_values.h"

namespace sluice::duckdb_detail {

/// The tables of the source (`only` these, where given), with declared keys; without `user_functions`.
Result<Catalog> read_catalog(Connection& connection, const OpenSource& open, const DuckDbSource& source, std::span<const TableName> only);
/// Macros that somebody added. DuckDB walks through thousands of its own to tell (35 ms).
Result<> read_user_functions(Connection& connection, Catalog& catalog);

/// Distinct values of the tables' text columns (not of views and of tables with generated columns, which run what somebody wrote), most frequent
/// first, at most `values_max` a column, as far as the connection's call allows; the row counts that this tells are entered. The connection must not
/// be in a transaction: one column that cannot be read would end it for all.
Result<std::vector<ColumnValues>> read_values(Connection& connection, Catalog& catalog, const DuckDbSource& source, std::span<const TableName> tables,
                                              int values_max);
/// Codes and ranges of the catalog's tables (ReadSession::ranges), table by table, the small ones first, as far as the connection's call allows. The
/// connection must not be in a transaction.
Result<std::vector<ColumnRange>> read_ranges(Connection& connection, const Catalog& catalog, const DuckDbSource& source);
/// Whether the table's rows are read whole, whatever is asked of them: SQLite's, and files of text.
bool is_read_whole(const Table& table, const DuckDbSource& source);
/// Counts the rows of Parquet files, which know them.
Result<> count_parquet(Connection& connection, Catalog& catalog);
/// Counts the rows of mapped files that nothing told yet, as far as the connection's call allows; of the others estimates them by their size.
Result<> count_files(Connection& connection, Catalog& catalog);

/// Schema ("main"), name, comment ("") and statement of an SQLite file's views (`only` these, where given).
Result<std::vector<Row>> list_sqlite_views(const std::string& path, std::span<const TableName> only);
/// Keys and row counts that an SQLite file declares and DuckDB does not tell; by SQLite's own library, read-only.
Result<> add_sqlite_keys(Catalog& catalog, const std::string& path);

/// What a plan (EXPLAIN's JSON) expects: rows of the result, and bytes that its scans read, from row counts and widths of the columns read,
/// and that its functions make.
Estimate estimate_of(const Json& plan, const Catalog& catalog, const OpenSource& open, const DuckDbSource& source);
/// EXPLAIN's text as JSON, deeper than other JSON may be.
Result<Json> read_plan(const std::string& text);
/// Whether the plan reads another SQLite file than the source, or runs SQLite's own SQL (but where our own views do): DuckDB's lock does not know
/// SQLite's functions. E0414.
Result<> check_reach(const Json& plan, const OpenSource& open, const std::string& path);

}  // namespace sluice::duckdb_detail
