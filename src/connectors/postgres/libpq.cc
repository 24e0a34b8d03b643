#include "connectors/postgres/libpq.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "libpq/functions.h"

namespace sluice::postgres {
namespace {

/// The server gets so long to answer a cancel before the connection is closed on it.
constexpr std::int64_t kCancelGraceMs = 2000;
/// A wait is looked at again after this at the latest, should a wake-up be lost.
constexpr std::int64_t kWaitSliceMs = 1000;
/// Replies of one exchange; libpq gives one a statement, and one a row when streaming.
constexpr int kRepliesMax = 64;

/// An eventfd that a stop request makes readable, so that poll() sees it.
class StopEvent {
 public:
  explicit StopEvent(std::stop_token token) : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), wake_(std::move(token), Wake{fd_}) {}
  ~StopEvent() {
    wake_.reset();
    if (fd_ >= 0) close(fd_);
  }
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  int fd() const { return fd_; }

 private:
  struct Wake {
    int fd;
    void operator()() const {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
    }
  };
  struct Registration {
    Registration(std::stop_token token, Wake wake) : callback(std::in_place, std::move(token), wake) {}
    void reset() { callback.reset(); }
    std::optional<std::stop_callback<Wake>> callback;
  };
  int fd_;
  Registration wake_;
};

/// PQcancel connects to the server and waits without any time-out of its own, so it gets a thread that may outlive the wait.
void send_cancel(const std::shared_ptr<const LibpqFunctions>& libpq, pg_conn* connection) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  PGcancel* request = libpq->PQgetCancel(connection);
  if (request == nullptr) return;
  auto shared = std::make_shared<Shared>();
  std::thread([libpq, request, shared] {
    std::array<char, 256> error{};
    libpq->PQcancel(request, error.data(), static_cast<int>(error.size()));
    libpq->PQfreeCancel(request);
    const std::lock_guard lock(shared->mutex);
    shared->done = true;
    shared->changed.notify_all();
  }).detach();
  std::unique_lock lock(shared->mutex);
  shared->changed.wait_for(lock, std::chrono::milliseconds(kCancelGraceMs), [&] { return shared->done; });
}

std::string field(const LibpqFunctions& libpq, const pg_result* result, int which) {
  const char* text = libpq.PQresultErrorField(result, which);
  return text == nullptr ? "" : text;
}

}  // namespace

std::int64_t Until::milliseconds_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return std::max<std::int64_t>(0, left);
}

Reply::Reply(std::shared_ptr<const LibpqFunctions> libpq, pg_result* result)
    : libpq_(std::move(libpq)), result_(result, [functions = libpq_](pg_result* old) { functions->PQclear(old); }) {}
int Reply::rows() const { return libpq_->PQntuples(raw()); }
int Reply::columns() const { return libpq_->PQnfields(raw()); }
std::string_view Reply::column_name(int column) const {
  const char* name = libpq_->PQfname(raw(), column);
  return name == nullptr ? "" : name;
}
std::uint32_t Reply::column_type(int column) const { return libpq_->PQftype(raw(), column); }
int Reply::column_modifier(int column) const { return libpq_->PQfmod(raw(), column); }
bool Reply::is_null(int row, int column) const { return libpq_->PQgetisnull(raw(), row, column) != 0; }
std::string_view Reply::text(int row, int column) const {
  return {libpq_->PQgetvalue(raw(), row, column), static_cast<std::size_t>(libpq_->PQgetlength(raw(), row, column))};
}

std::expected<Settings, std::string> Connection::parse(const LibpqFunctions& libpq, const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* options = libpq.PQconninfoParse(url.c_str(), &message);
  if (options == nullptr) {
    std::string reason = message == nullptr ? "out of memory" : message;
    if (message != nullptr) libpq.PQfreemem(message);
    return std::unexpected(std::move(reason));
  }
  Settings settings;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option)
    if (option->val != nullptr) settings.emplace_back(option->keyword, option->val);
  libpq.PQconninfoFree(options);
  return settings;
}

Connection::Connection(std::shared_ptr<const LibpqFunctions> libpq, pg_conn* connection) : libpq_(std::move(libpq)), connection_(connection) {}
Connection::~Connection() { libpq_->PQfinish(connection_); }

Outcome<std::unique_ptr<Connection>> Connection::open(const std::shared_ptr<const LibpqFunctions>& libpq, const Settings& settings,
                                                      const Until& until) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  pg_conn* raw = libpq->PQconnectStartParams(keywords.data(), values.data(), 0);
  if (raw == nullptr) return std::unexpected(Failure{Failure::Cause::lost, "", "out of memory"});
  std::unique_ptr<Connection> connection(new Connection(libpq, raw));
  // With the SQLSTATE in the text: libpq has no other way to tell why a login failed.
  libpq->PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
  libpq->PQsetNoticeProcessor(raw, [](void*, const char*) {}, nullptr);
  PostgresPollingStatusType next = libpq->PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {  // bounded by the deadline
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (auto failure = connection->wait_ready(events, until)) return std::unexpected(*std::move(failure));
    next = libpq->PQconnectPoll(raw);
  }
  if (next != PGRES_POLLING_OK) return std::unexpected(connection->lost());
  libpq->PQsetErrorVerbosity(raw, PQERRORS_DEFAULT);
  libpq->PQsetnonblocking(raw, 1);
  return connection;
}

std::optional<Failure> Connection::wait_ready(short events, const Until& until) const {
  const StopEvent stop(until.cancelled);
  for (;;) {  // bounded by the deadline
    if (until.cancelled.stop_requested()) return Failure{Failure::Cause::cancelled};
    const std::int64_t left = until.milliseconds_left();
    if (left == 0) return Failure{Failure::Cause::timeout};
    std::array<pollfd, 2> watched{{{libpq_->PQsocket(connection_), events, 0}, {stop.fd(), POLLIN, 0}}};
    const int ready = poll(watched.data(), watched.size(), static_cast<int>(std::min(left, kWaitSliceMs)));
    if (ready < 0 && errno != EINTR) return lost();
    if (ready > 0 && watched[0].revents != 0) return std::nullopt;
  }
}

Failure Connection::lost() const { return Failure{Failure::Cause::lost, "", libpq_->PQerrorMessage(connection_)}; }

Failure Connection::failure_of(const pg_result* result) const {
  Failure failure;
  failure.sqlstate = field(*libpq_, result, PG_DIAG_SQLSTATE);
  failure.message = field(*libpq_, result, PG_DIAG_MESSAGE_PRIMARY);
  failure.detail = field(*libpq_, result, PG_DIAG_MESSAGE_DETAIL);
  failure.hint = field(*libpq_, result, PG_DIAG_MESSAGE_HINT);
  const std::string position = field(*libpq_, result, PG_DIAG_STATEMENT_POSITION);
  std::from_chars(position.data(), position.data() + position.size(), failure.position);
  if (failure.sqlstate.empty()) {  // made by libpq itself: the connection broke
    failure.cause = Failure::Cause::lost;
    failure.message = libpq_->PQresultErrorMessage(result);
  }
  return failure;
}

Outcome<pg_result*> Connection::next_result(const Until& until) {
  while (int unsent = libpq_->PQflush(connection_)) {  // bounded by the deadline
    if (unsent < 0) return std::unexpected(lost());
    if (auto failure = wait_ready(POLLIN | POLLOUT, until)) return std::unexpected(*std::move(failure));
    if (libpq_->PQconsumeInput(connection_) == 0) return std::unexpected(lost());
  }
  while (libpq_->PQisBusy(connection_) != 0) {
    if (auto failure = wait_ready(POLLIN, until)) return std::unexpected(*std::move(failure));
    if (libpq_->PQconsumeInput(connection_) == 0) return std::unexpected(lost());
  }
  return libpq_->PQgetResult(connection_);
}

void Connection::drain(const Until& until) {
  for (;;) {  // bounded by the deadline: a cancelled statement may still have rows on their way
    auto result = next_result(until);
    if (!result || *result == nullptr) return;
    libpq_->PQclear(*result);
  }
}

Failure Connection::stop_statement(Failure why) {
  if (why.cause == Failure::Cause::lost) return why;
  send_cancel(libpq_, connection_);
  drain(Until{std::chrono::steady_clock::now() + std::chrono::milliseconds(kCancelGraceMs), {}});
  return why;
}

Outcome<Reply> Connection::collect(const Until& until) {
  std::optional<Reply> last;
  std::optional<Failure> failed;
  for (int n = 0; n < kRepliesMax; ++n) {
    auto result = next_result(until);
    if (!result) return std::unexpected(stop_statement(std::move(result).error()));
    if (*result == nullptr) {
      if (failed) return std::unexpected(*std::move(failed));
      if (last) return *std::move(last);
      return std::unexpected(lost());
    }
    Reply reply(libpq_, *result);
    const ExecStatusType status = libpq_->PQresultStatus(reply.raw());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
      last = std::move(reply);
    else if (!failed)
      failed = failure_of(reply.raw());
  }
  return std::unexpected(stop_statement(Failure{Failure::Cause::server, "", "the server sent more replies than Sluice reads"}));
}

Outcome<Reply> Connection::script(const std::string& sql, const Until& until) {
  if (libpq_->PQsendQuery(connection_, sql.c_str()) == 0) return std::unexpected(lost());
  return collect(until);
}

Outcome<Reply> Connection::query(const std::string& sql, Parameters parameters, const Until& until) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (libpq_->PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0) == 0)
    return std::unexpected(lost());
  return collect(until);
}

Outcome<Reply> Connection::prepare(const char* name, const std::string& sql, const Until& until) {
  if (libpq_->PQsendPrepare(connection_, name, sql.c_str(), 0, nullptr) == 0) return std::unexpected(lost());
  if (auto parsed = collect(until); !parsed) return parsed;
  if (libpq_->PQsendDescribePrepared(connection_, name) == 0) return std::unexpected(lost());
  return collect(until);
}

Outcome<void> Connection::stream(const char* name, const RowReceiver& receive, const Until& until) {
  if (libpq_->PQsendQueryPrepared(connection_, name, 0, nullptr, nullptr, nullptr, 0) == 0 || libpq_->PQsetSingleRowMode(connection_) == 0)
    return std::unexpected(lost());
  std::optional<Failure> failed;
  for (std::uint32_t n = 0;; ++n) {  // bounded by the deadline and by the receiver
    // A receiver that is slower than the server never waits here, so the end of the time is looked for now and then too.
    if (n % 256 == 255 && (until.cancelled.stop_requested() || until.milliseconds_left() == 0))
      return std::unexpected(stop_statement(Failure{until.cancelled.stop_requested() ? Failure::Cause::cancelled : Failure::Cause::timeout}));
    auto result = next_result(until);
    if (!result) return std::unexpected(stop_statement(std::move(result).error()));
    if (*result == nullptr) break;
    const Reply reply(libpq_, *result);
    const ExecStatusType status = libpq_->PQresultStatus(reply.raw());
    if (status == PGRES_SINGLE_TUPLE) {
      if (auto taken = receive(reply); !taken)
        return std::unexpected(stop_statement(Failure{Failure::Cause::sink, "", "", "", "", 0, std::move(taken).error()}));
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
      failed = failure_of(reply.raw());
      if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) return std::unexpected(*std::move(failed));
    }
  }
  if (failed) return std::unexpected(*std::move(failed));
  return {};
}

bool Connection::in_transaction() const { return libpq_->PQtransactionStatus(connection_) == PQTRANS_INTRANS; }
bool Connection::is_lost() const { return libpq_->PQstatus(connection_) != CONNECTION_OK; }
bool Connection::uses_tls() const { return libpq_->PQsslInUse(connection_) != 0; }
int Connection::backend_pid() const { return libpq_->PQbackendPID(connection_); }
std::string Connection::parameter(const char* name) const {
  const char* value = libpq_->PQparameterStatus(connection_, name);
  return value == nullptr ? "" : value;
}

}  // namespace sluice::postgres
