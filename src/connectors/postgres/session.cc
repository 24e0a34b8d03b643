#include "connectors/postgres/session.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/estimate.h"
#include "connectors/postgres/failure.h"
#include "connectors/postgres/ranges.h"
#include "connectors/postgres/types.h"
#include "connectors/postgres/values.h"

namespace sluice::postgres {
namespace {

/// A call without a deadline gets this one.
constexpr std::chrono::minutes kDeadlineDefault{60};
/// The server's own time-out is a little later than ours: it is for the case that this process is gone.
constexpr std::int64_t kServerGraceMs = 1500;
/// statement_timeout is a 32-bit number of milliseconds.
constexpr std::int64_t kTimeoutMaxMs = 2'000'000'000;
/// Rows given to the receiver at once, by number and by size.
constexpr std::size_t kBatchRows = 1024;
constexpr std::int64_t kBatchBytes = 1 << 20;
constexpr std::size_t kStatementMax = 4U << 20U;
/// The name of the one statement that a session has prepared.
constexpr const char* kPrepared = "sluice";
/// The first version that has every type and function of the guard's lists: nobody's own type bears such a name.
constexpr int kServerMin = 14;
constexpr const char* kOwnPath = "pg_catalog, pg_temp";

/// Puts rows together in batches, counts them against the limits, and passes them on.
class Batches {
 public:
  Batches(const std::vector<ResultColumn>& columns, const ReadLimits& limits, RowSink& sink) : columns_(columns), limits_(limits), sink_(sink) {}

  Result<> take(const Reply& reply) {
    if (limits_.rows_max > 0 && stats.rows >= limits_.rows_max)
      return beyond({ErrorKind::exhausted, "E0453", "the query has more than " + with_thousands(limits_.rows_max) + " rows",
                     "add a LIMIT or a filter, aggregate, or raise limits.rows_max in sluice.yaml"});
    Row row;
    row.reserve(columns_.size());
    for (int i = 0; i < static_cast<int>(columns_.size()); ++i)
      row.push_back(reply.is_null(0, i) ? Value{} : decode_value(reply.text(0, i), columns_[static_cast<std::size_t>(i)].type));
    const std::int64_t size = row_bytes(row);
    if (limits_.bytes_max > 0 && stats.bytes + size > limits_.bytes_max)
      return beyond({ErrorKind::exhausted, "E0454", "the rows of the query take more than " + human_bytes(limits_.bytes_max),
                     "select fewer columns or rows, or raise limits.bytes_max in sluice.yaml"});
    stats.bytes += size;
    batch_bytes_ += size;
    ++stats.rows;
    batch_.push_back(std::move(row));
    if (batch_.size() >= kBatchRows || batch_bytes_ >= kBatchBytes) return flush();
    return {};
  }
  Result<> flush() {
    batch_bytes_ = 0;
    if (batch_.empty()) return {};
    return sink_.rows(std::exchange(batch_, {}));
  }

  ReadStats stats{};

 private:
  /// Ends the statement. Where it may be cut, `run` knows by `truncated` that it is no failure.
  Error beyond(Error error) {
    stats.truncated = true;
    return limits_.truncate ? Error{ErrorKind::exhausted, "", "", ""} : std::move(error);
  }

  const std::vector<ResultColumn>& columns_;
  const ReadLimits& limits_;
  RowSink& sink_;
  std::vector<Row> batch_{};
  std::int64_t batch_bytes_ = 0;
};

std::string begin_script(std::int64_t left_ms, bool read_only) {
  const std::int64_t timeout = std::clamp<std::int64_t>(left_ms + kServerGraceMs, 1, kTimeoutMaxMs);
  const std::int64_t lock_wait = std::clamp<std::int64_t>(left_ms, 1, kLockWaitMax.count());
  const std::string mode = read_only ? "READ ONLY" : "READ WRITE";
  // READ COMMITTED: what is read after a statement was planned is at least as new as its plan, so that a schema can be compared with it.
  // SET LOCAL: behind a transaction pooler nothing of it reaches the next client.
  return "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED, " + mode + ";SET LOCAL statement_timeout = " + std::to_string(timeout) +
         ";SET LOCAL lock_timeout = " + std::to_string(lock_wait) + ";SET LOCAL idle_in_transaction_session_timeout = " + std::to_string(timeout) +
         // The guard reads SQL text as PostgreSQL does with these settings; with others the same text could mean something else.
         ";SET LOCAL standard_conforming_strings = on;SET LOCAL transform_null_equals = off;SET LOCAL client_encoding = 'UTF8'"
         ";SET LOCAL DateStyle = 'ISO, YMD';SET LOCAL IntervalStyle = 'postgres';SET LOCAL TimeZone = 'UTC'"
         // CHECKs of tables, which their owners wrote, are not run while planning.
         ";SET LOCAL constraint_exclusion = off"
         // The first rows of a large table are the same for everybody, whoever else is reading it.
         ";SET LOCAL synchronize_seqscans = off"
         ";SET LOCAL bytea_output = 'hex';SET LOCAL extra_float_digits = 1;";
}

}  // namespace

std::string quoted(std::string_view identifier) {
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string array_literal(std::span<const std::string> elements) {
  std::string out = "{";
  for (const std::string& element : elements) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : element) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

Session::Session(std::unique_ptr<Connection> connection, Target target, Until until, Layers layers)
    : connection_(std::move(connection)), target_(std::move(target)), until_(std::move(until)), layers_(layers) {}

Session::~Session() {
  if (connection_->is_lost()) return;
  if (!prepared_.empty()) recover();
  // Closing would roll back too; behind a pooler only this does.
  const Until soon{std::chrono::steady_clock::now() + std::chrono::milliseconds(kServerGraceMs), {}};
  [[maybe_unused]] const auto rolled_back = connection_->script("ROLLBACK", soon);
}

Result<std::unique_ptr<Session>> Session::open(const std::shared_ptr<const LibpqFunctions>& libpq, const Target& target, const Call& call,
                                               Layers layers) {
  Until until{call.deadline, call.cancelled};
  if (call.deadline == std::chrono::steady_clock::time_point{}) until.deadline = std::chrono::steady_clock::now() + kDeadlineDefault;
  auto connection = Connection::open(libpq, target.settings, until);
  if (!connection) return connect_error(connection.error(), target);
  std::unique_ptr<Session> session(new Session(*std::move(connection), target, std::move(until), layers));
  TRY_VOID(session->begin());
  return session;
}

Result<> Session::check_version() const {
  const std::string version = connection_->parameter("server_version");
  int major = 0;  // of "15.4 (Debian …)"
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major >= kServerMin) return {};
  return Error{ErrorKind::refused, "E0462", "PostgreSQL " + version + " at " + target_.place + " is older than Sluice knows",
               "connect to PostgreSQL " + std::to_string(kServerMin) + " or later"};
}

Result<> Session::begin() {
  TRY_VOID(check_version());
  if (auto begun = connection_->script(begin_script(until_.milliseconds_left(), layers_.read_only), until_); !begun)
    return statement_error(begun.error(), target_);
  if (!target_.role.empty())
    if (auto set = connection_->script("SET LOCAL ROLE " + quoted(target_.role), until_); !set) {
      if (set.error().cause != Failure::Cause::server) return statement_error(set.error(), target_);
      return Error{ErrorKind::refused, "E0461", "the login of connection \"" + target_.connection + "\" can't take the role \"" + target_.role + "\"",
                   "ask for: GRANT " + quoted(target_.role) + " TO the login, or correct role: in sluice.yaml"};
    }
  // SHOW and SET look no function up.
  auto path = connection_->script("SHOW search_path", until_);
  if (!path) return statement_error(path.error(), target_);
  std::vector<std::string> theirs{"pg_catalog"};
  for (const std::string& schema : target_.search_path) theirs.push_back(quoted(schema));
  const std::string shown(trim(path->text(0, 0)));
  if (target_.search_path.empty() && !shown.empty() && shown != "\"\"") theirs.push_back(shown);
  theirs.emplace_back("pg_temp");  // last: no temporary table stands in front of a table
  their_path_ = join(theirs, ", ");
  if (auto own = connection_->script(std::string("SET LOCAL jit = off;SET LOCAL search_path = ") + kOwnPath, until_); !own)
    return statement_error(own.error(), target_);
  // The first query also takes the snapshot, after which PostgreSQL no longer lets the transaction become a writing one.
  auto process = connection_->query("SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('jit')", {}, until_);
  if (!process) return statement_error(process.error(), target_);
  their_jit_ = process->text(0, 1);
  // A server that finds its client gone ends the query (some platforms' servers can't look).
  if (const auto looks = connection_->script("SAVEPOINT sluice;SET LOCAL client_connection_check_interval = '2s'", until_); !looks)
    if (auto back = connection_->script("ROLLBACK TO SAVEPOINT sluice", until_); !back) return statement_error(back.error(), target_);
  // A pooler's process number is not the server's. Without a pooler the whole connection is read-only, which holds after a COMMIT too.
  const bool direct = process->rows() == 1 && process->text(0, 0) == std::to_string(connection_->backend_pid());
  const std::string session_wide = direct && layers_.read_only ? "SET SESSION default_transaction_read_only = on;" : "";
  if (auto saved = connection_->script(session_wide + "SAVEPOINT sluice", until_); !saved) return statement_error(saved.error(), target_);
  return {};
}

Result<> Session::usable() const {
  if (connection_->in_transaction()) return {};
  return Error{ErrorKind::transient, "E0448", "the session with " + target_.place + " (connection \"" + target_.connection + "\") has ended",
               "nothing was changed; try again", 1000};
}

Result<> Session::look_up(Names names) {
  if (names_ == names) return {};
  // Compiling what reads a catalog takes ten times as long as running it.
  const std::vector<std::string> settings{names == Names::own ? kOwnPath : their_path_, names == Names::own ? "off" : their_jit_};
  if (auto set =
          connection_->query("SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', $2, true)", settings, until_);
      !set)
    return failed(set.error());
  names_ = names;
  return {};
}

Result<> Session::wait_for_locks(std::chrono::milliseconds at_most) {
  const std::vector<std::string> wait{std::to_string(at_most.count()) + "ms"};
  TRY_VOID(ask("SELECT pg_catalog.set_config('lock_timeout', $1, true)", wait));
  return {};
}

Result<std::string> Session::search_path() {
  TRY_VOID(usable());
  TRY_VOID(look_up(Names::theirs));
  auto path = connection_->query("SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(false))", {}, until_);
  if (!path) return failed(path.error());
  return std::string(path->text(0, 0));
}

void Session::recover() {
  names_ = Names::own;  // as they were at the savepoint
  if (connection_->is_lost()) return;
  const Until soon{std::chrono::steady_clock::now() + std::chrono::milliseconds(kServerGraceMs), {}};
  [[maybe_unused]] const auto back = connection_->script("ROLLBACK TO SAVEPOINT sluice;DEALLOCATE ALL", soon);
  prepared_.clear();
}

Error Session::failed(const Failure& failure, std::string_view sql) {
  recover();
  return statement_error(failure, target_, sql);
}

Result<Reply> Session::ask(const std::string& sql, Parameters parameters) { return ask_until(sql, parameters, until_); }

Result<Reply> Session::ask_until(const std::string& sql, Parameters parameters, const Until& until) {
  TRY_VOID(usable());
  TRY_VOID(look_up(Names::own));
  auto reply = connection_->query(sql, parameters, until);
  if (!reply) return failed(reply.error());
  return *std::move(reply);
}

Result<Type> Session::type_of(std::uint32_t oid, int modifier) {
  if (auto known = built_in_type(oid, modifier)) return *std::move(known);
  if (const auto found = types_.find({oid, modifier}); found != types_.end()) return found->second;
  const std::vector<std::string> parameters{std::to_string(oid), std::to_string(modifier)};
  TRY(Reply reply,
      ask("SELECT pg_catalog.format_type(t.oid, nullif($2::int4, -1)), coalesce(b.typname, t.typname), t.typcategory, coalesce(b.typtype, t.typtype) "
          "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype WHERE t.oid = $1::oid",
          parameters));
  Type type;
  if (reply.rows() == 1) type = Type{kind_of(reply.text(0, 1), reply.text(0, 2).front(), reply.text(0, 3).front()), std::string(reply.text(0, 0))};
  types_.emplace(std::pair{oid, modifier}, type);
  return type;
}

Result<std::vector<ResultColumn>> Session::columns_of(const Reply& described) {
  std::vector<ResultColumn> columns;
  for (int i = 0; i < described.columns(); ++i) {
    TRY(Type type, type_of(described.column_type(i), described.column_modifier(i)));
    columns.push_back({std::string(described.column_name(i)), std::move(type)});
  }
  return columns;
}

Result<> Session::prepare(std::string_view sql) {
  TRY_VOID(usable());
  if (!prepared_.empty() && prepared_ == sql) return {};
  TRY_VOID(check_statement(sql));
  if (!prepared_.empty()) recover();
  TRY_VOID(look_up(Names::theirs));
  // PostgreSQL parses, resolves every name, rewrites views and locks what it found; it plans, and so runs the first function, only later.
  auto described = connection_->prepare(kPrepared, std::string(sql), until_);
  if (!described) return failed(described.error(), sql);
  prepared_ = sql;
  if (described->columns() == 0 && layers_.needs_result) {
    recover();
    return Error{ErrorKind::refused, "E0455",
                 "the statement gives no rows, so it is not a query; it was not run (connection \"" + target_.connection + "\")",
                 "write one SELECT with at least one column"};
  }
  TRY(columns_, columns_of(*described));
  return {};
}

Result<ReadStats> Session::run(std::string_view sql, const ReadLimits& limits, RowSink& sink) {
  const auto started = std::chrono::steady_clock::now();
  TRY_VOID(prepare(sql));
  TRY_VOID(look_up(Names::theirs));
  TRY_VOID(sink.columns(columns_));
  Batches batches(columns_, limits, sink);
  auto streamed = connection_->stream(kPrepared, [&](const Reply& row) { return batches.take(row); }, until_);
  const bool cut = limits.truncate && batches.stats.truncated;
  if (!streamed && !(cut && streamed.error().cause == Failure::Cause::sink)) return failed(streamed.error(), sql);
  if (cut) recover();
  TRY_VOID(batches.flush());
  batches.stats.truncated = cut;
  batches.stats.elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  return batches.stats;
}

Result<Estimate> Session::estimate(std::string_view sql) {
  TRY_VOID(prepare(sql));
  TRY_VOID(look_up(Names::theirs));
  // The plan of the statement as it was prepared, not of the text as it would be understood now.
  auto plan = connection_->query("EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE " + std::string(kPrepared), {}, until_);
  if (!plan) return failed(plan.error(), sql);
  std::string text;
  for (int row = 0; row < plan->rows(); ++row) text += plan->text(row, 0);
  return estimate_of_plan(*this, text);
}

Result<> Session::check_statement(std::string_view sql) const {
  // libpq takes a C string: what stands behind a NUL would be proven here and not be there.
  if (sql.find('\0') != std::string_view::npos)
    return Error{ErrorKind::input, "E0450", "the statement holds a NUL byte, which PostgreSQL does not take", "remove it"};
  if (sql.size() > kStatementMax)
    return Error{ErrorKind::input, "E0457", "the statement is longer than " + human_bytes(kStatementMax), "write a smaller one"};
  return {};
}

Result<Catalog> Session::catalog(std::span<const TableName> only) {
  TRY_VOID(usable());
  return read_catalog(*this, target_, only);
}

Result<std::vector<ColumnValues>> Session::values(std::span<const TableName> tables, int values_max) {
  TRY_VOID(usable());
  return read_values(*this, tables, values_max);
}

Result<std::vector<ColumnRange>> Session::ranges(const Catalog& catalog) {
  TRY_VOID(usable());
  return read_ranges(*this, catalog);
}

}  // namespace sluice::postgres
