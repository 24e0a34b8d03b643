#include "journal/sqlite_db.h"

#include <sqlite3.h>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {
namespace {
constexpr std::chrono::milliseconds kLockWaitMax{10'000};
}

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(SqliteDb& db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  ~SqliteStatement() override { sqlite3_finalize(statement_); }

  void bind(int position, std::int64_t value) override { sqlite3_bind_int64(statement_, position, value); }
  void bind(int position, std::string_view value) override {
    const char* bytes = value.data() != nullptr ? value.data() : "";
    sqlite3_bind_text64(statement_, position, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  Result<bool> next() override {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return db_.fail(code, "using");
  }
  int changes() const override { return sqlite3_changes(db_.db_); }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string text(int column) const override {
    const auto* bytes = sqlite3_column_text(statement_, column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  void reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  SqliteDb& db_;
  sqlite3_stmt* statement_;
};

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
  statements_.clear();
  sqlite3_close_v2(db_);
}

void SqliteDb::write_with(FileLock& lock, std::function<TimeMs()> clock) {
  lock_ = &lock;
  clock_ = std::move(clock);
}

Result<> SqliteDb::begin() {
  TRY_VOID(lock_->lock(kLockWaitMax));
  failure_ = 0;
  auto begun = exec("BEGIN IMMEDIATE");
  if (!begun) lock_->unlock();
  return begun;
}

Result<> SqliteDb::commit() {
  auto outcome = exec("COMMIT");
  if (!outcome && (failure_ & 0xff) == SQLITE_IOERR) die_of_failed_sync(failure_, file_);
  if (!outcome) return outcome;  // still open: it is rolled back
  lock_->unlock();
  return {};
}

void SqliteDb::roll_back() {
  if (sqlite3_get_autocommit(db_) == 0) [[maybe_unused]]  // SQLite may have done it already
    const auto outcome = exec("ROLLBACK");
  lock_->unlock();
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

std::int64_t SqliteDb::changes() const { return sqlite3_total_changes64(db_); }

Statement* SqliteDb::prepared(const char* sql) {
  std::unique_ptr<Statement>& place = statements_[sql];
  if (place) return place.get();
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) {
    failure_ = code;
    return nullptr;
  }
  place = std::make_unique<SqliteStatement>(*this, raw);
  return place.get();
}

}  // namespace sluice::journal_detail
