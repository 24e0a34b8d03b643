#include "connectors/duckdb/connection.h"

#include <condition_variable>
#include <functional>
#include <thread>

#include "base/text.h"
#include "connectors/duckdb/decode.h"
#include "connectors/duckdb/failure.h"

namespace sluice::duckdb_detail {
namespace {

/// While it lives, interrupts the connection at the call's deadline or stop, again and again: an interrupt between two steps of a statement is lost.
class Watch {
 public:
  Watch(const Api& api, duckdb_connection connection, const Call& call)
      : wake_(call.cancelled, [this] {
          {
            const std::lock_guard lock(mutex_);
          }  // not between the other's look and its sleep
          changed_.notify_all();
        }) {
    thread_ = std::thread([this, &api, connection, &call] {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, call.deadline, [&] { return done_ || call.cancelled.stop_requested(); });
      while (!done_) {
        api.duckdb_interrupt(connection);
        changed_.wait_for(lock, kAgain, [&] { return done_; });
      }
    });
  }
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  static constexpr std::chrono::milliseconds kAgain{20};
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool done_ = false;
  std::stop_callback<std::function<void()>> wake_;
  std::thread thread_{};
};

/// A prepared statement that ends with the scope.
class Prepared {
 public:
  explicit Prepared(const Api& api) : api_(api) {}
  ~Prepared() { api_.duckdb_destroy_prepare(&statement_); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  duckdb_prepared_statement* out() { return &statement_; }
  duckdb_prepared_statement get() const { return statement_; }

 private:
  const Api& api_;
  duckdb_prepared_statement statement_ = nullptr;
};

/// Likewise a result.
class ResultHandle {
 public:
  explicit ResultHandle(const Api& api) : api_(api) {}
  ~ResultHandle() { api_.duckdb_destroy_result(&result_); }
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  duckdb_result* out() { return &result_; }
  duckdb_result& get() { return result_; }

 private:
  const Api& api_;
  duckdb_result result_{};
};

std::int64_t elapsed_ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since).count();
}

Error too_much(const char* what, const std::string& limit, const char* setting) {
  return {ErrorKind::exhausted, "E0407", "the result has more than " + limit + (*what != '\0' ? " " : "") + what,
          std::string("add a LIMIT or a filter, or raise limits.") + setting + " in sluice.yaml", 0};
}

}  // namespace

Result<std::shared_ptr<Database>> Database::open(const std::string& path, const std::vector<std::pair<std::string, std::string>>& options) {
  TRY(const Api* api, load_api());
  duckdb_config config = nullptr;
  if (api->duckdb_create_config(&config) != DuckDBSuccess) return Error::bug("DuckDB gave no configuration");
  for (const auto& [name, value] : options)
    if (api->duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess) {
      api->duckdb_destroy_config(&config);
      return Error::bug("DuckDB does not know the setting " + name);
    }
  duckdb_database database = nullptr;
  char* message = nullptr;
  const duckdb_state opened = api->duckdb_open_ext(path.empty() ? nullptr : path.c_str(), &database, config, &message);
  api->duckdb_destroy_config(&config);
  if (opened == DuckDBSuccess) return std::shared_ptr<Database>(new Database(*api, database));
  Error error = open_failed(path, message != nullptr ? message : "");
  api->duckdb_free(message);
  return error;
}

Database::~Database() { api_.duckdb_close(&database_); }

Result<std::unique_ptr<Connection>> Connection::open(std::shared_ptr<Database> database, Call call) {
  duckdb_connection connection = nullptr;
  if (database->api().duckdb_connect(database->handle(), &connection) != DuckDBSuccess)
    return Error{ErrorKind::transient, "E0405", "the embedded engine gave no connection", "try again; if it stays so, restart", 0};
  return std::unique_ptr<Connection>(new Connection(std::move(database), connection, std::move(call)));
}

Connection::~Connection() { api().duckdb_disconnect(&connection_); }

Error Connection::failed(const char* message) const {
  if (call_.cancelled.stop_requested()) return {ErrorKind::cancelled, "E0408", "the query was stopped", "", 0};
  if (std::chrono::steady_clock::now() >= call_.deadline)
    return {ErrorKind::timeout, "E0408", "the query took longer than it may", "read less, or raise limits.seconds in sluice.yaml", 0};
  const std::string_view reason = message != nullptr ? message : "no reason given";
  // An error in one thread stops the others, and of theirs DuckDB may show the first that it sees.
  if (reason.ends_with("Interrupted!")) return statement_failed("an error in one of the rows, which the engine did not name; run it again to see it");
  return statement_failed(reason);
}

Result<> Connection::prepare(std::string_view sql, duckdb_prepared_statement* out) {
  // The C interface reads up to the first NUL: what runs would be less than what was proven.
  if (sql.find('\0') != std::string_view::npos)
    return Error{ErrorKind::input, "E0406", "the statement holds a NUL character", "take it out; chr(0) gives one", 0};
  if (api().duckdb_prepare(connection_, std::string(sql).c_str(), out) != DuckDBSuccess) return failed(api().duckdb_prepare_error(*out));
  return {};
}

Result<> Connection::check_select(duckdb_prepared_statement statement) const {
  if (api().duckdb_nparams(statement) > 0)
    return Error{ErrorKind::input, "E0406", "the statement has parameters, which have no values here", "write the values in their places", 0};
  if (!only_selects_ || api().duckdb_prepared_statement_type(statement) == DUCKDB_STATEMENT_TYPE_SELECT) return {};
  return Error{ErrorKind::refused, "E0414", "the statement is not a SELECT", "ask for the data with SELECT; Sluice changes nothing here", 0};
}

Result<std::string> Connection::plan(std::string_view sql) {
  {
    const Watch watch(api(), connection_, call_);
    Prepared statement(api());
    TRY_VOID(prepare(sql, statement.out()));
    TRY_VOID(check_select(statement.get()));
  }
  TRY(const auto found, prepared_rows("EXPLAIN (FORMAT json) " + std::string(sql), {}));
  if (found.empty() || found[0].size() < 2) return Error::bug("DuckDB's EXPLAIN gave no plan");
  return value_text(found[0][1], {});
}

Result<std::vector<Row>> Connection::rows(std::string_view sql, const std::vector<std::string>& parameters) {
  // Bound and run in one transaction where nothing has to be put in between: SQLite's own SQL cannot be run in another than it was bound in.
  if (!parameters.empty()) return prepared_rows(sql, parameters);
  const Api& api = database_->api();
  const Watch watch(api, connection_, call_);
  ResultHandle result(api);
  if (api.duckdb_query(connection_, std::string(sql).c_str(), result.out()) != DuckDBSuccess) return failed(api.duckdb_result_error(result.out()));
  return all_rows(result.get());
}

Result<std::vector<Row>> Connection::prepared_rows(std::string_view sql, const std::vector<std::string>& parameters) {
  const Api& api = database_->api();
  const Watch watch(api, connection_, call_);
  Prepared statement(api);
  TRY_VOID(prepare(sql, statement.out()));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    api.duckdb_bind_varchar_length(statement.get(), i + 1, parameters[i].data(), parameters[i].size());
  ResultHandle result(api);
  if (api.duckdb_execute_prepared(statement.get(), result.out()) != DuckDBSuccess) return failed(api.duckdb_result_error(result.out()));
  return all_rows(result.get());
}

std::vector<Row> Connection::all_rows(duckdb_result& result) {
  const Api& api = database_->api();
  std::vector<Row> out;
  while (duckdb_data_chunk chunk = api.duckdb_fetch_chunk(result)) {
    for (Row& row : rows_of(api, chunk)) out.push_back(std::move(row));
    api.duckdb_destroy_data_chunk(&chunk);
  }
  return out;
}

Result<> Connection::execute(std::string_view sql) {
  const Api& api = database_->api();
  const Watch watch(api, connection_, call_);
  ResultHandle result(api);
  if (api.duckdb_query(connection_, std::string(sql).c_str(), result.out()) != DuckDBSuccess) return failed(api.duckdb_result_error(result.out()));
  return {};
}

Result<ReadStats> Connection::stream(std::string_view sql, const ReadLimits& limits, RowSink& sink) {
  const auto start = std::chrono::steady_clock::now();
  const Api& api = database_->api();
  const Watch watch(api, connection_, call_);
  Prepared statement(api);
  TRY_VOID(prepare(sql, statement.out()));
  TRY_VOID(check_select(statement.get()));
  duckdb_pending_result pending = nullptr;
  if (api.duckdb_pending_prepared_streaming(statement.get(), &pending) != DuckDBSuccess) {
    Error error = failed(api.duckdb_pending_error(pending));
    api.duckdb_destroy_pending(&pending);
    return error;
  }
  ResultHandle result(api);
  const duckdb_state executed = api.duckdb_execute_pending(pending, result.out());
  // The pending result has the reason, the result often only that there is one.
  const char* pending_error = executed == DuckDBSuccess ? nullptr : api.duckdb_pending_error(pending);
  const bool has_reason = pending_error != nullptr && *pending_error != '\0';
  Error error = executed == DuckDBSuccess ? Error{} : failed(has_reason ? pending_error : api.duckdb_result_error(result.out()));
  api.duckdb_destroy_pending(&pending);
  if (executed != DuckDBSuccess) return error;
  TRY(ReadStats stats, pull(result.get(), limits, sink));
  stats.elapsed_ms = elapsed_ms(start);
  return stats;
}

Result<ReadStats> Connection::pull(duckdb_result& result, const ReadLimits& limits, RowSink& sink) {
  const Api& api = database_->api();
  ReadStats stats;
  TRY_VOID(sink.columns(columns_of(api, result)));
  while (duckdb_data_chunk chunk = api.duckdb_fetch_chunk(result)) {
    std::vector<Row> batch = rows_of(api, chunk);
    api.duckdb_destroy_data_chunk(&chunk);
    const std::int64_t room = std::max<std::int64_t>(limits.rows_max - stats.rows, 0);
    std::size_t within = 0;
    for (; within < batch.size() && std::cmp_less(within, room); ++within) {
      const std::int64_t bytes = row_bytes(batch[within]);
      if (bytes > limits.bytes_max - stats.bytes) break;
      stats.bytes += bytes;
    }
    if (within < batch.size()) {
      const bool too_many = std::cmp_greater(batch.size(), room);
      if (!limits.truncate && too_many) return too_much("rows", with_thousands(limits.rows_max), "rows_max");
      if (!limits.truncate) return too_much("", human_bytes(limits.bytes_max), "bytes_max");
      batch.resize(within);
      stats.truncated = true;
    }
    stats.rows += static_cast<std::int64_t>(batch.size());
    TRY_VOID(sink.rows(std::move(batch)));
    if (stats.truncated) return stats;
  }
  // A stream ends the same way at its end and when it breaks: the result knows which.
  if (const char* message = api.duckdb_result_error(&result); message != nullptr && *message != '\0') return failed(message);
  if (call_.cancelled.stop_requested() || std::chrono::steady_clock::now() >= call_.deadline) return failed(nullptr);
  return stats;
}

}  // namespace sluice::duckdb_detail
