#include <sqlite3.h>

#include <chrono>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::chrono::milliseconds kCountBudget{200};

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// All rows of a statement as text; empty where it cannot be run.
std::vector<std::vector<std::string>> query(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  std::vector<std::vector<std::string>> rows;
  if (sqlite3_prepare_v2(db, sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) return rows;
  const std::unique_ptr<sqlite3_stmt, Close> statement(raw);
  while (sqlite3_step(raw) == SQLITE_ROW) {
    auto& row = rows.emplace_back();
    for (int c = 0; c < sqlite3_column_count(raw); ++c) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, c));
      row.emplace_back(text != nullptr ? text : "");
    }
  }
  return rows;
}

void add_primary_key(sqlite3* db, Table& table) {
  Key key;
  for (const auto& row : query(db, "SELECT name FROM pragma_table_info(" + sql_literal(table.name.name) + ") WHERE pk > 0 ORDER BY pk"))
    key.columns.push_back(row[0]);
  if (!key.columns.empty()) table.primary_key = std::move(key);
}

void add_unique_keys(sqlite3* db, Table& table) {
  for (const auto& index : query(db, "SELECT name FROM pragma_index_list(" + sql_literal(table.name.name) +
                                         ") WHERE \"unique\" = 1 AND origin = 'u' AND partial = 0 ORDER BY name")) {
    Key key;
    for (const auto& row : query(db, "SELECT name FROM pragma_index_info(" + sql_literal(index[0]) + ") ORDER BY seqno"))
      key.columns.push_back(row[0]);
    table.unique_keys.push_back(std::move(key));
  }
}

/// The table's name as it was created: SQLite's keys may spell it otherwise.
std::string created_name(sqlite3* db, const std::string& name) {
  const auto rows = query(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = " + sql_literal(name) + " COLLATE NOCASE");
  return rows.empty() ? name : rows[0][0];
}

/// Likewise a column's. Without a named column a key refers to the table's primary key.
std::string created_column(sqlite3* db, const std::string& table, const std::string& column) {
  const std::string which = column.empty() ? "pk > 0" : "name = " + sql_literal(column) + " COLLATE NOCASE";
  const auto rows = query(db, "SELECT name FROM pragma_table_info(" + sql_literal(table) + ") WHERE " + which);
  return rows.size() == 1 ? rows[0][0] : column;
}

/// Targets are told by SQLite itself, not by the catalog: that one may hold some of the tables only, and a table's keys have to be the same then.
void add_foreign_keys(sqlite3* db, Table& table) {
  ForeignKey key;
  std::string id;
  const auto finish = [&] {
    if (!key.columns.empty()) table.foreign_keys.push_back(std::exchange(key, {}));
  };
  for (const auto& row :
       query(db, "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(" + sql_literal(table.name.name) + ") ORDER BY id DESC, seq")) {
    if (row[0] != id) finish();
    id = row[0];
    key.target = {table.name.schema, created_name(db, row[1])};
    key.columns.push_back(created_column(db, table.name.name, row[2]));
    key.target_columns.push_back(created_column(db, key.target.name, row[3]));
  }
  finish();
}

}  // namespace

Result<> add_sqlite_keys(Catalog& catalog, const std::string& path) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW, nullptr);
  const std::unique_ptr<sqlite3, Close> db(raw);
  if (opened != SQLITE_OK)
    return Error{ErrorKind::input, "E0401", "\"" + show_hidden(path, false) + "\" cannot be opened as an SQLite database",
                 "check the path and the permission", 0};
  for (Table& table : catalog.tables) add_primary_key(db.get(), table);
  const auto until = std::chrono::steady_clock::now() + kCountBudget;
  for (Table& table : catalog.tables) {
    add_unique_keys(db.get(), table);
    add_foreign_keys(db.get(), table);
    table.row_count.reset();  // what DuckDB says of SQLite's tables is invented
    if (table.kind != TableKind::table || std::chrono::steady_clock::now() >= until) continue;
    const auto count = query(db.get(), "SELECT count(*) FROM " + sql_identifier(table.name.name));
    if (count.empty()) continue;
    table.row_count = std::stoll(count[0][0]);
    table.row_count_exact = true;
  }
  return {};
}

}  // namespace sluice::duckdb_detail
