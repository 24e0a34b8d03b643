#include <algorithm>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

/// So many rows of all tables together are read at every opening to find columns whose values don't fit (about 0.15 s); what comes later is an error
/// that names the column. It is a number of rows and no time, so that every process finds the same.
constexpr std::int64_t kRowsTriedMax = 200'000, kRowsTriedLeast = 1'000;
constexpr const char *kFile = "sqlite_file", *kRaw = "sqlite_raw";

struct Readable {
  std::string name{};
  bool view = false;
  std::vector<std::pair<std::string, std::string>> columns{};  ///< names and DuckDB's types; none of a view that is broken
  std::vector<std::string> odd{};                              ///< columns that are read as text, by SQLite's own SQL
};

std::string cell(const Row& row, std::size_t at) { return value_text(row.at(at), {}); }

/// Rows to be tried of each table.
std::string rows_tried(std::size_t tables) {
  return std::to_string(std::max(kRowsTriedMax / static_cast<std::int64_t>(std::max<std::size_t>(tables, 1)), kRowsTriedLeast));
}

/// Whether these columns' values can be read. An error is one of the connection, not of a value.
Result<bool> can_be_read(Connection& connection, const std::string& from, const std::vector<std::string>& columns, const std::string& tried) {
  std::vector<std::string> counts;
  counts.reserve(columns.size());
  for (const std::string& column : columns) counts.push_back("count(" + sql_identifier(column) + ")");
  if (counts.empty()) return true;
  auto rows = connection.rows("SELECT " + join(counts, ", ") + " FROM (SELECT * FROM " + from + " LIMIT " + tried + ")");
  if (!rows && rows.error().kind != ErrorKind::input) return std::move(rows).error();
  return bool(rows);
}

Result<> find_odd(Connection& connection, const std::string& from, const std::string& tried, Readable& table) {
  std::vector<std::string> typed;
  for (const auto& [name, type] : table.columns)
    if (type != "VARCHAR") typed.push_back(name);
  TRY(const bool all, can_be_read(connection, from, typed, tried));
  for (std::size_t i = 0; !all && i < typed.size(); ++i) {
    TRY(const bool one, can_be_read(connection, from, {typed[i]}, tried));
    if (!one) table.odd.push_back(typed[i]);
  }
  return {};
}

/// Columns and types of a relation; none where DuckDB cannot run it.
Result<std::vector<std::pair<std::string, std::string>>> described(Connection& connection, const std::string& from) {
  std::vector<std::pair<std::string, std::string>> out;
  auto rows = connection.rows("DESCRIBE SELECT * FROM " + from);
  if (!rows && rows.error().kind != ErrorKind::input) return std::move(rows).error();
  for (std::size_t i = 0; rows && i < rows->size(); ++i) out.emplace_back(cell((*rows)[i], 0), cell((*rows)[i], 1));
  return out;
}

std::string query(const char* database, const std::string& sql) { return "sqlite_query('" + std::string(database) + "', " + sql_literal(sql) + ")"; }

/// A value as text from which it can be had back: SQLite itself would cut a REAL to 15 digits, and bytes are no text.
std::string as_text(const std::string& column, const std::string& type) {
  const std::string name = sql_identifier(column);
  if (type == "BLOB") return "CASE WHEN " + name + " IS NOT NULL THEN hex(" + name + ") END AS " + name;
  return "CASE typeof(" + name + ") WHEN 'real' THEN printf('%!.17g', " + name + ") WHEN 'blob' THEN hex(" + name + ") ELSE CAST(" + name +
         " AS TEXT) END AS " + name;
}

/// The columns of a view; none where what it stands on is gone. Only its values would tell types, at the cost of the view's whole work at every
/// opening: all of them are text.
Result<> columns_by_sqlite(Connection& connection, Readable& view) {
  auto names = connection.rows("SELECT * FROM " + query(kFile, "SELECT name FROM pragma_table_info(" + sql_literal(view.name) + ")"));
  if (!names && names.error().kind != ErrorKind::input) return std::move(names).error();
  for (std::size_t i = 0; names && i < names->size(); ++i) {
    view.columns.emplace_back(cell((*names)[i], 0), "VARCHAR");
    view.odd.push_back(cell((*names)[i], 0));
  }
  return {};
}

/// The SELECT that reads it: as DuckDB does, or through SQLite's own SQL, with every column that fits as its type.
std::string select_of(const Readable& one) {
  if (one.odd.empty()) return "SELECT * FROM " + std::string(kRaw) + ".main." + sql_identifier(one.name);
  std::vector<std::string> inner, outer;
  for (const auto& [column, type] : one.columns) {
    const std::string name = sql_identifier(column);
    const bool text = type == "VARCHAR" || std::find(one.odd.begin(), one.odd.end(), column) != one.odd.end();
    inner.push_back(as_text(column, type));
    outer.push_back(text ? name : (type == "BLOB" ? "unhex(" + name + ")" : "CAST(" + name + " AS " + type + ")") + " AS " + name);
  }
  return "SELECT " + join(outer, ", ") + " FROM " + query(kRaw, "SELECT " + join(inner, ", ") + " FROM " + sql_identifier(one.name));
}

Result<> map_one(Connection& connection, const std::string& tried, Readable& one) {
  if (one.columns.empty()) return {};
  const std::string name = "sqlite_file.main." + sql_identifier(one.name);
  TRY_VOID(connection.execute("CREATE VIEW " + name + " AS " + select_of(one)));
  if (one.odd.empty() || one.view) return {};
  // What SQLite stores as a date may be no text of one.
  const std::size_t known = one.odd.size();
  TRY_VOID(find_odd(connection, name, tried, one));
  if (one.odd.size() == known) return {};
  return connection.execute("CREATE OR REPLACE VIEW " + name + " AS " + select_of(one));
}

}  // namespace

Result<> map_sqlite(Connection& connection, OpenSource& open, const std::string& path, const std::string& options) {
  std::vector<Readable> all;
  TRY(const auto tables, connection.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'sqlite_file' ORDER BY 1"));
  for (const Row& row : tables)
    if (!cell(row, 0).starts_with("sqlite_")) all.push_back({.name = cell(row, 0)});
  const std::string tried = rows_tried(all.size());
  for (Readable& table : all) {
    const std::string from = "sqlite_file.main." + sql_identifier(table.name);
    TRY(table.columns, described(connection, from));
    TRY_VOID(find_odd(connection, from, tried, table));
  }
  if (std::all_of(all.begin(), all.end(), [](const Readable& table) { return table.odd.empty(); })) return {};
  // DuckDB's own reading of these views would stop at the values that don't fit.
  TRY(const auto views, list_sqlite_views(path, {}));
  for (const Row& row : views) {
    Readable view{.name = cell(row, 1), .view = true};
    TRY_VOID(columns_by_sqlite(connection, view));
    all.push_back(std::move(view));
  }
  TRY_VOID(connection.execute("DETACH sqlite_file"));
  TRY_VOID(connection.execute("ATTACH " + sql_literal(path) + " AS " + kRaw + " (" + options + ")"));
  TRY_VOID(connection.execute("ATTACH ':memory:' AS sqlite_file"));
  for (Readable& one : all) {
    TRY_VOID(map_one(connection, tried, one));
    open.mapped.push_back({one.name, one.view, one.odd});
  }
  return {};
}

}  // namespace sluice::duckdb_detail
