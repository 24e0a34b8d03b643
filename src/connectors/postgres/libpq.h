#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libpq/library.h"
#include "libpq/settings.h"

struct pg_conn;
struct pg_result;

namespace sluice::postgres {

using LibpqFunctions = libpq::Functions;

/// Why a call on a connection failed, before it is put in words for a person (see failure.h).
struct Failure {
  enum class Cause { server, lost, timeout, cancelled, sink };
  Cause cause = Cause::server;
  std::string sqlstate{}, message{}, detail{}, hint{};
  int position = 0;  ///< 1-based, in characters of the statement; 0: none
  Error sink{};      ///< Cause::sink: what the receiver of the rows said
};
template <class T>
using Outcome = std::expected<T, Failure>;

/// When a call has to end; both reach the server.
struct Until {
  std::chrono::steady_clock::time_point deadline{};
  std::stop_token cancelled{};

  std::int64_t milliseconds_left() const;  ///< never negative
};

/// One reply of the server: rows, or the description of a statement's result.
class Reply {
 public:
  Reply(std::shared_ptr<const LibpqFunctions> libpq, pg_result* result);
  int rows() const;
  int columns() const;
  std::string_view column_name(int column) const;
  std::uint32_t column_type(int column) const;  ///< an oid of pg_type
  int column_modifier(int column) const;
  bool is_null(int row, int column) const;
  std::string_view text(int row, int column) const;  ///< "" for NULL
  const pg_result* raw() const { return result_.get(); }

 private:
  std::shared_ptr<const LibpqFunctions> libpq_;
  std::unique_ptr<pg_result, std::function<void(pg_result*)>> result_;
};

using libpq::Settings;
using Parameters = std::span<const std::string>;
/// Takes one row (row 0 of the reply) at a time.
using RowReceiver = std::function<Result<>(const Reply&)>;

/// One connection to one server. One thread. Waits in poll(), so that a deadline or a stop ends every call; what runs on the server is
/// cancelled there first. A name that DNS doesn't answer is the one thing that can take longer (resolv.conf's time-outs).
class Connection {
 public:
  /// Keywords and values as PQconninfoParse gives them. std::nullopt where the URL can't be read.
  static std::expected<Settings, std::string> parse(const LibpqFunctions& libpq, const std::string& url);
  static Outcome<std::unique_ptr<Connection>> open(const std::shared_ptr<const LibpqFunctions>& libpq, const Settings& settings, const Until& until);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Statements of our own, by the simple protocol (several may be given); the last reply.
  Outcome<Reply> script(const std::string& sql, const Until& until);
  /// One statement of our own with parameters; all its rows.
  Outcome<Reply> query(const std::string& sql, Parameters parameters, const Until& until);
  /// Parses one statement, by the extended protocol, keeps it as `name`, and describes its result without running it.
  Outcome<Reply> prepare(const char* name, const std::string& sql, const Until& until);
  /// Runs what `prepare` kept; rows arrive one by one. Where the receiver fails, the statement is cancelled.
  Outcome<void> stream(const char* name, const RowReceiver& receive, const Until& until);

  bool in_transaction() const;  ///< usable: open and not failed
  bool is_lost() const;
  bool uses_tls() const;
  int backend_pid() const;
  std::string parameter(const char* name) const;  ///< as the server reported, e.g. "server_version"

 private:
  Connection(std::shared_ptr<const LibpqFunctions> libpq, pg_conn* connection);
  /// Waits for the socket. Empty when it is ready, else why not.
  std::optional<Failure> wait_ready(short events, const Until& until) const;
  Outcome<pg_result*> next_result(const Until& until);
  Outcome<Reply> collect(const Until& until);
  Failure stop_statement(Failure why);
  Failure lost() const;
  Failure failure_of(const pg_result* result) const;
  void drain(const Until& until);

  std::shared_ptr<const LibpqFunctions> libpq_;
  pg_conn* connection_ = nullptr;
};

}  // namespace sluice::postgres
