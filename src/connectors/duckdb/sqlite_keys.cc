#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::chrono::milliseconds kCountBudget{200};

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Clock = std::chrono::steady_clock;
using Texts = std::vector<std::vector<std::string>>;

/// One look at the file. The first failure is kept, so that keys which could not be read are never taken for keys that are not there.
class Reader {
 public:
  static Result<Reader> open(const std::string& path) {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
    Reader reader(path, raw);
    if (opened != SQLITE_OK) return reader.error(opened);
    sqlite3_busy_timeout(raw, kBusyMs);
    return reader;
  }
  /// All rows of a statement as text.
  Texts rows(const std::string& sql) {
    Texts out;
    if (failed_ != SQLITE_OK) return out;
    sqlite3_stmt* raw = nullptr;
    failed_ = sqlite3_prepare_v2(db_.get(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, Close> statement(raw);
    int step = failed_;
    while (failed_ == SQLITE_OK && (step = sqlite3_step(raw)) == SQLITE_ROW) {
      auto& row = out.emplace_back();
      for (int c = 0; c < sqlite3_column_count(raw); ++c) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, c));
        row.emplace_back(text != nullptr ? text : "");
      }
    }
    if (step != SQLITE_DONE) failed_ = step;
    return out;
  }
  /// The table's row count, where it is known before `until`.
  std::optional<std::int64_t> count(const std::string& table, Clock::time_point until) {
    until_ = until;
    sqlite3_progress_handler(db_.get(), kProgressSteps, [](void* self) { return Clock::now() >= static_cast<Reader*>(self)->until_ ? 1 : 0; }, this);
    const Texts counted = rows("SELECT count(*) FROM " + sql_identifier(table));
    sqlite3_progress_handler(db_.get(), 0, nullptr, nullptr);
    if (failed_ == SQLITE_INTERRUPT) failed_ = SQLITE_OK;
    if (counted.empty()) return std::nullopt;
    return std::stoll(counted[0][0]);
  }
  Result<> outcome() const {
    if (failed_ != SQLITE_OK) return error(failed_);
    return {};
  }

 private:
  static constexpr int kBusyMs = 2000, kProgressSteps = 10'000;
  Reader(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {}
  Error error(int code) const {
    const std::string name = "\"" + show_hidden(path_, false) + "\"";
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
      return {ErrorKind::transient, "E0402", "the SQLite file " + name + " is being written by another program",
              "try again when that has finished its transaction", 0};
    return {ErrorKind::input, "E0401", name + " cannot be read as an SQLite database: " + sqlite3_errstr(code), "check the path and the permission",
            0};
  }
  std::string path_;
  std::unique_ptr<sqlite3, Close> db_;
  int failed_ = SQLITE_OK;
  Clock::time_point until_{};
};

void add_primary_key(Reader& db, Table& table) {
  Key key;
  for (const auto& row : db.rows("SELECT name, pk, \"notnull\" FROM pragma_table_info(" + sql_literal(table.name.name) + ") ORDER BY pk")) {
    if (row[1] != "0") key.columns.push_back(row[0]);
    // A view of ours over the table no longer tells.
    for (Column& column : table.columns)
      if (column.name == row[0] && row[2] == "1") column.nullable = false;
  }
  if (!key.columns.empty()) table.primary_key = std::move(key);
}

void add_unique_keys(Reader& db, Table& table) {
  for (const auto& index : db.rows("SELECT name FROM pragma_index_list(" + sql_literal(table.name.name) +
                                   ") WHERE \"unique\" = 1 AND origin = 'u' AND partial = 0 ORDER BY name")) {
    Key key;
    for (const auto& row : db.rows("SELECT name FROM pragma_index_info(" + sql_literal(index[0]) + ") ORDER BY seqno")) key.columns.push_back(row[0]);
    table.unique_keys.push_back(std::move(key));
  }
}

/// The table's name as it was created: SQLite's keys may spell it otherwise.
std::string created_name(Reader& db, const std::string& name) {
  const auto rows = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = " + sql_literal(name) + " COLLATE NOCASE");
  return rows.empty() ? name : rows[0][0];
}

/// Likewise a column's. Without a named column a key refers to the table's primary key.
std::string created_column(Reader& db, const std::string& table, const std::string& column) {
  const std::string which = column.empty() ? "pk > 0" : "name = " + sql_literal(column) + " COLLATE NOCASE";
  const auto rows = db.rows("SELECT name FROM pragma_table_info(" + sql_literal(table) + ") WHERE " + which);
  return rows.size() == 1 ? rows[0][0] : column;
}

/// Targets are told by SQLite itself, not by the catalog: that one may hold some of the tables only, and a table's keys have to be the same then.
void add_foreign_keys(Reader& db, Table& table) {
  ForeignKey key;
  std::string id;
  const auto finish = [&] {
    if (!key.columns.empty()) table.foreign_keys.push_back(std::exchange(key, {}));
  };
  for (const auto& row :
       db.rows("SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(" + sql_literal(table.name.name) + ") ORDER BY id DESC, seq")) {
    if (row[0] != id) finish();
    id = row[0];
    key.target = {table.name.schema, created_name(db, row[1])};
    key.columns.push_back(created_column(db, table.name.name, row[2]));
    key.target_columns.push_back(created_column(db, key.target.name, row[3]));
  }
  finish();
}

}  // namespace

Result<std::vector<Row>> list_sqlite_views(const std::string& path, std::span<const TableName> only) {
  TRY(Reader db, Reader::open(path));
  std::vector<Row> out;
  for (const auto& row : db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'view'")) {
    const TableName name{"main", row[0]};
    if (only.empty() || std::find(only.begin(), only.end(), name) != only.end())
      out.push_back({Value(name.schema), Value(name.name), Value(std::string()), Value(row[1])});
  }
  TRY_VOID(db.outcome());
  return out;
}

Result<> add_sqlite_keys(Catalog& catalog, const std::string& path) {
  TRY(Reader db, Reader::open(path));
  for (Table& table : catalog.tables) add_primary_key(db, table);
  const auto until = Clock::now() + kCountBudget;
  for (Table& table : catalog.tables) {
    add_unique_keys(db, table);
    add_foreign_keys(db, table);
    table.row_count.reset();  // what DuckDB says of SQLite's tables is invented
    if (table.kind != TableKind::table || Clock::now() >= until) continue;
    table.row_count = db.count(table.name.name, until);
    table.row_count_exact = table.row_count.has_value();
  }
  return db.outcome();
}

}  // namespace sluice::duckdb_detail
