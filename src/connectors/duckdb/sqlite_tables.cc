#include <algorithm>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

/// So many rows of each table are read to find columns whose values don't fit; what comes later is an error that names the column.
constexpr const char* kRowsTried = "50000";
constexpr const char *kFile = "sqlite_file", *kRaw = "sqlite_raw";

struct Readable {
  std::string name{};
  bool view = false, by_sqlite = false;                        ///< `by_sqlite`: DuckDB cannot run or read it as it is
  std::vector<std::pair<std::string, std::string>> columns{};  ///< names and DuckDB's types; none of a view that DuckDB cannot run
  std::vector<std::string> odd{};                              ///< columns that cannot be read as their type
};

std::string cell(const Row& row, std::size_t at) { return value_text(row.at(at), {}); }

/// Whether these columns' values can be read. An error is one of the connection, not of a value.
Result<bool> can_be_read(Connection& connection, const std::string& from, const std::vector<std::string>& columns) {
  std::vector<std::string> counts;
  for (const std::string& column : columns) counts.push_back("count(" + sql_identifier(column) + ")");
  if (counts.empty()) return true;
  auto rows = connection.rows("SELECT " + join(counts, ", ") + " FROM (SELECT * FROM " + from + " LIMIT " + kRowsTried + ")");
  if (!rows && rows.error().kind != ErrorKind::input) return std::move(rows).error();
  return bool(rows);
}

Result<> find_odd(Connection& connection, const std::string& from, Readable& table) {
  std::vector<std::string> typed;
  for (const auto& [name, type] : table.columns)
    if (type != "VARCHAR" || table.view) typed.push_back(name);  // what a view calls text may come from a column that is none
  TRY(const bool all, can_be_read(connection, from, typed));
  for (std::size_t i = 0; !all && i < typed.size(); ++i) {
    TRY(const bool one, can_be_read(connection, from, {typed[i]}));
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

/// The types of a view that SQLite alone can run, by the values of its first rows.
Result<> type_by_values(Connection& connection, Readable& view) {
  const auto names = connection.rows("DESCRIBE SELECT * FROM " + query(kFile, "SELECT * FROM " + sql_identifier(view.name)));
  if (!names) return {};  // nor can SQLite: what it stands on is gone
  std::vector<std::string> kinds;
  for (const Row& row : *names) {
    const std::string name = sql_identifier(cell(row, 0));
    kinds.push_back("CASE WHEN sum(typeof(" + name + ") IN ('text', 'blob')) > 0 THEN 'VARCHAR' WHEN sum(typeof(" + name +
                    ") = 'real') > 0 THEN 'DOUBLE' WHEN count(" + name + ") > 0 THEN 'BIGINT' ELSE 'VARCHAR' END");
  }
  TRY(const auto types, connection.rows("SELECT * FROM " + query(kFile, "SELECT " + join(kinds, ", ") + " FROM (SELECT * FROM " +
                                                                            sql_identifier(view.name) + " LIMIT " + kRowsTried + ")")));
  for (std::size_t i = 0; i < names->size(); ++i) view.columns.emplace_back(cell((*names)[i], 0), cell(types.at(0), i));
  return {};
}

/// The SELECT that reads it: as DuckDB does, or through SQLite's own SQL, with every column that fits as its type.
std::string select_of(const Readable& one) {
  if (!one.by_sqlite) return "SELECT * FROM " + std::string(kRaw) + ".main." + sql_identifier(one.name);
  std::vector<std::string> inner, outer;
  for (const auto& [column, type] : one.columns) {
    const std::string name = sql_identifier(column);
    const bool text = type == "VARCHAR" || std::find(one.odd.begin(), one.odd.end(), column) != one.odd.end();
    inner.push_back(as_text(column, type));
    outer.push_back(text ? name : (type == "BLOB" ? "unhex(" + name + ")" : "CAST(" + name + " AS " + type + ")") + " AS " + name);
  }
  return "SELECT " + join(outer, ", ") + " FROM " + query(kRaw, "SELECT " + join(inner, ", ") + " FROM " + sql_identifier(one.name));
}

Result<> map_one(Connection& connection, Readable& one) {
  if (one.columns.empty()) return {};
  const std::string name = "sqlite_file.main." + sql_identifier(one.name);
  TRY_VOID(connection.execute("CREATE VIEW " + name + " AS " + select_of(one)));
  if (!one.by_sqlite) return {};
  // What SQLite stores as a date may be no text of one.
  const std::size_t known = one.odd.size();
  TRY_VOID(find_odd(connection, name, one));
  if (one.odd.size() == known) return {};
  return connection.execute("CREATE OR REPLACE VIEW " + name + " AS " + select_of(one));
}

}  // namespace

Result<> map_sqlite(Connection& connection, OpenSource& open, const std::string& path, const std::string& options) {
  std::vector<Readable> all;
  TRY(const auto tables, connection.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'sqlite_file' ORDER BY 1"));
  for (const Row& row : tables)
    if (!cell(row, 0).starts_with("sqlite_")) all.push_back({.name = cell(row, 0)});
  TRY(const auto views, list_sqlite_views(path, {}));
  for (const Row& row : views) all.push_back({.name = cell(row, 1), .view = true});
  bool as_it_is = true;
  for (Readable& one : all) {
    const std::string from = "sqlite_file.main." + sql_identifier(one.name);
    TRY(one.columns, described(connection, from));
    TRY_VOID(find_odd(connection, from, one));
    one.by_sqlite = !one.odd.empty() || one.columns.empty();
    if (one.columns.empty()) TRY_VOID(type_by_values(connection, one));
    as_it_is = as_it_is && (!one.by_sqlite || one.columns.empty());
  }
  if (as_it_is) return {};
  TRY_VOID(connection.execute("DETACH sqlite_file"));
  TRY_VOID(connection.execute("ATTACH " + sql_literal(path) + " AS " + kRaw + " (" + options + ")"));
  TRY_VOID(connection.execute("ATTACH ':memory:' AS sqlite_file"));
  for (Readable& one : all) {
    TRY_VOID(map_one(connection, one));
    if (!one.view) open.mapped.push_back({one.name, one.odd});
  }
  return {};
}

}  // namespace sluice::duckdb_detail
