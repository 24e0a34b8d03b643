#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::journal_detail {

/// One connection to the journal's file. One thread at a time.
class SqliteDb {
 public:
  static Result<std::unique_ptr<SqliteDb>> open(const std::string& file, std::chrono::milliseconds busy_timeout);
  ~SqliteDb();
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  Result<> exec(const char* sql);
  Result<std::int64_t> integer(const char* sql);  ///< the first column of the first row, or 0
  Result<std::string> beginning(int bytes);       ///< of the file as it is on disk, filled up with zeros; takes and drops no lock
  std::int64_t total_changes() const;
  bool in_transaction() const;
  /// The code of the newest failure of SQLite itself since `forget_failure`; 0: none.
  int failure() const { return failure_; }
  void forget_failure() { failure_ = 0; }
  const std::string& file() const { return file_; }

 private:
  friend class Query;
  SqliteDb(sqlite3* db, std::string file) : db_(db), file_(std::move(file)) {}
  sqlite3_stmt* prepared(const char* sql);
  Error fail(int code, std::string_view doing);

  sqlite3* db_;
  std::string file_;
  int failure_ = 0;
  std::unordered_map<const void*, sqlite3_stmt*> statements_{};  // by the address of the SQL literal
};

/// One use of a prepared statement. The SQL must be a literal: its address is the key under which the statement is kept.
class Query {
 public:
  Query(SqliteDb& db, const char* sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::string_view value);  ///< must live until the statement has run
  Query& bind(const std::optional<std::int64_t>& value);
  Query& bind_null();

  /// True: there is a row.
  Result<bool> next();
  /// Runs it to its end; the number of rows changed.
  Result<int> run();

  std::int64_t integer(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::string text(int column) const;

 private:
  SqliteDb& db_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

}  // namespace sluice::journal_detail
