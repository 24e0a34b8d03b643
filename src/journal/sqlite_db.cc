#include "journal/sqlite_db.h"

#include <sqlite3.h>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {
Result<std::unique_ptr<SqliteDb>> SqliteDb::open(const std::string& file, std::chrono::milliseconds busy_timeout) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDb> db(new SqliteDb(raw, file));
  if (code != SQLITE_OK) return sqlite_error(raw != nullptr ? sqlite3_extended_errcode(raw) : code, sqlite3_system_errno(raw), file, "opening");
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
  return db;
}

SqliteDb::~SqliteDb() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Error SqliteDb::fail(int code, std::string_view doing) {
  failure_ = code;
  return sqlite_error(code, sqlite3_system_errno(db_), file_, doing);
}

Result<> SqliteDb::exec(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(code, "writing");
  return {};
}

Result<std::int64_t> SqliteDb::integer(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
  std::int64_t value = 0;
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) return fail(code, "reading");
  return value;
}

Result<std::string> SqliteDb::beginning(int bytes) {
  sqlite3_file* file = nullptr;
  int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  std::string out(static_cast<std::size_t>(bytes), '\0');
  if (code == SQLITE_OK) code = file != nullptr && file->pMethods != nullptr ? file->pMethods->xRead(file, out.data(), bytes, 0) : SQLITE_CANTOPEN;
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return fail(code, "reading");
  return out;
}

std::int64_t SqliteDb::total_changes() const { return sqlite3_total_changes64(db_); }
bool SqliteDb::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

sqlite3_stmt* SqliteDb::prepared(const char* sql) {
  auto [place, is_new] = statements_.try_emplace(sql, nullptr);
  if (place->second == nullptr) {
    const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &place->second, nullptr);
    if (code != SQLITE_OK) failure_ = code;
  }
  return place->second;
}

Query::Query(SqliteDb& db, const char* sql) : db_(db), statement_(db.prepared(sql)) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::int64_t value) {
  ++bound_;
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, bound_, value);
  return *this;
}

Query& Query::bind(std::string_view value) {
  ++bound_;
  const char* bytes = value.data() != nullptr ? value.data() : "";
  if (statement_ != nullptr) sqlite3_bind_text64(statement_, bound_, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Query& Query::bind(const std::optional<std::int64_t>& value) { return value ? bind(*value) : bind_null(); }

Query& Query::bind_null() {
  ++bound_;
  return *this;  // unbound parameters are NULL
}

Result<bool> Query::next() {
  if (statement_ == nullptr) return db_.fail(db_.failure(), "reading");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return db_.fail(code, "using");
}

Result<int> Query::run() {
  TRY_VOID(next());
  return sqlite3_changes(db_.db_);
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> Query::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return {};
  return integer(column);
}

std::string Query::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace sluice::journal_detail
