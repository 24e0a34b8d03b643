#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "journal/db.h"
#include "journal/file_lock.h"

struct sqlite3;

namespace sluice::journal_detail {

/// One connection to the journal's file.
class SqliteDb final : public Db {
 public:
  static Result<std::unique_ptr<SqliteDb>> open(const std::string& file, std::chrono::milliseconds busy_timeout);
  ~SqliteDb() override;

  /// Whoever writes takes this lock first, and reads this clock. Both must live as long as the connection writes.
  void write_with(FileLock& lock, std::function<TimeMs()> clock);

  Result<> exec(const char* sql) override;
  Result<> begin() override;
  /// Ends the process where the disk did not confirm it.
  Result<> commit() override;
  void roll_back() override;
  bool is_spoiled(std::int64_t changes) const override { return failure_ != 0 || this->changes() != changes; }
  std::int64_t changes() const override;
  TimeMs now() override { return clock_(); }
  bool locks_rows() const override { return false; }
  const std::string& name() const override { return file_; }

  Result<std::int64_t> integer(const char* sql);  ///< the first column of the first row, or 0
  Result<std::string> beginning(int bytes);       ///< of the file as it is on disk, filled up with zeros; takes and drops no lock

 protected:
  Statement* prepared(const char* sql) override;
  Error prepare_error() override { return fail(failure_, "reading"); }

 private:
  friend class SqliteStatement;
  SqliteDb(sqlite3* db, std::string file) : db_(db), file_(std::move(file)) {}
  Error fail(int code, std::string_view doing);

  sqlite3* db_;
  std::string file_;
  FileLock* lock_ = nullptr;
  std::function<TimeMs()> clock_{};
  int failure_ = 0;                                                           // of SQLite itself, since the transaction began
  std::unordered_map<const void*, std::unique_ptr<Statement>> statements_{};  // by the address of the SQL literal
};

}  // namespace sluice::journal_detail
