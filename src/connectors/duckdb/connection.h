#pragma once
// Private to this folder: an open database, its connections, and statements on them.
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/duckdb/api.h"
#include "data/rows.h"
#include "proof/ports/engine.h"

namespace sluice::duckdb_detail {

/// An open database; closed with its last user. Any thread.
class Database {
 public:
  /// `options` are DuckDB's settings by name. E0401 … E0405: see failure.h.
  static Result<std::shared_ptr<Database>> open(const std::string& path, const std::vector<std::pair<std::string, std::string>>& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  const Api& api() const { return api_; }
  duckdb_database handle() const { return database_; }

 private:
  Database(const Api& api, duckdb_database database) : api_(api), database_(database) {}
  const Api& api_;
  duckdb_database database_;
};

/// One connection. One thread at a time; what is still running when the call's deadline comes or its caller stops it is interrupted.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(std::shared_ptr<Database> database, Call call);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// For Sluice's own statements: all rows, `parameters` bound as text.
  Result<std::vector<Row>> rows(std::string_view sql, const std::vector<std::string>& parameters = {});
  Result<> execute(std::string_view sql);
  /// One statement that may be large: streams chunk by chunk.
  Result<ReadStats> stream(std::string_view sql, const ReadLimits& limits, RowSink& sink);
  /// From here on `stream` and `plan` take nothing but a SELECT: COMMIT, COPY, SET, CALL and the like are refused before they run. E0414.
  void take_only_selects() { only_selects_ = true; }
  /// The plan of one statement, as EXPLAIN's JSON.
  Result<std::string> plan(std::string_view sql);
  /// A nearer deadline for what follows.
  void hurry(std::chrono::steady_clock::time_point deadline) { call_.deadline = std::min(call_.deadline, deadline); }
  const Call& call() const { return call_; }
  void set_call(Call call) { call_ = std::move(call); }
  const Api& api() const { return database_->api(); }
  duckdb_connection handle() const { return connection_; }
  Error failed(const char* message) const;  ///< DuckDB's message as our error; what we interrupted is time-out or cancelled

 private:
  Connection(std::shared_ptr<Database> database, duckdb_connection connection, Call call)
      : database_(std::move(database)), connection_(connection), call_(std::move(call)) {}
  Result<> prepare(std::string_view sql, duckdb_prepared_statement* out);
  Result<> check_select(duckdb_prepared_statement statement) const;  ///< and one without parameters
  Result<std::vector<Row>> prepared_rows(std::string_view sql, const std::vector<std::string>& parameters);
  std::vector<Row> all_rows(duckdb_result& result);
  Result<ReadStats> pull(duckdb_result& result, const ReadLimits& limits, RowSink& sink);

  std::shared_ptr<Database> database_;
  duckdb_connection connection_;
  Call call_;
  bool only_selects_ = false;
};

}  // namespace sluice::duckdb_detail
