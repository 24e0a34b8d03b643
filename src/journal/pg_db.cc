#include "journal/pg_db.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "journal/pg_errors.h"
#include "libpq/functions.h"

namespace sluice::journal_detail {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 50ms, kPauseMax = 2'000ms;
constexpr int kBeginTriesMax = 5;
constexpr int kSettleTriesMax = 10;  // each waits for the old transaction's end, or connects again
constexpr int kNoticesMax = 10'000;  // taken at once

/// PostgreSQL's form of a literal with parameters ?1, ?2 …. Our literals have no other question marks.
std::string with_dollars(std::string_view sql) {
  std::string out(sql);
  for (char& c : out)
    if (c == '?') c = '$';
  return out;
}

int parameters_of(std::string_view sql) {
  int most = 0;
  for (std::size_t at = sql.find('?'); at != std::string_view::npos; at = sql.find('?', at + 1)) {
    int number = 0;
    std::from_chars(sql.data() + at + 1, sql.data() + sql.size(), number);
    most = std::max(most, number);
  }
  return most;
}

}  // namespace

class PgStatement final : public Statement {
 public:
  PgStatement(PgDb& db, const char* sql, std::string name)
      : db_(db), sql_(with_dollars(sql)), name_(std::move(name)), texts_(static_cast<std::size_t>(parameters_of(sql))) {
    values_.resize(texts_.size());
    lengths_.resize(texts_.size());
    formats_.resize(texts_.size());
  }

  void bind(int position, std::int64_t value) override {
    const auto at = static_cast<std::size_t>(position - 1);
    texts_[at] = std::to_string(value);
    set(at, texts_[at], 0);
  }
  /// In binary form, which for text is its bytes: it need not end with a NUL.
  void bind(int position, std::string_view value) override { set(static_cast<std::size_t>(position - 1), value, 1); }

  Result<bool> next() override {
    if (!reply_) {
      row_ = -1;
      TRY_VOID(prepare());
      TRY(reply_, db_.checked(db_.target_.library->PQexecPrepared(db_.connection_, name_.c_str(), static_cast<int>(values_.size()), values_.data(),
                                                                  lengths_.data(), formats_.data(), 0)));
      count_changes();
    }
    return ++row_ < db_.target_.library->PQntuples(reply_->get());
  }
  void send() override {
    if (db_.target_.library->PQsendQueryPrepared(db_.connection_, name_.c_str(), static_cast<int>(values_.size()), values_.data(), lengths_.data(),
                                                 formats_.data(), 0) == 1)
      ++db_.sent_;
    else [[maybe_unused]]
      const auto lost = db_.fail(nullptr);  // the end says so
  }
  Result<bool> receive() override {
    CHECK(!db_.answers_.empty());
    reply_ = std::move(db_.answers_.front());
    db_.answers_.pop_front();
    row_ = 0;
    count_changes();
    return db_.target_.library->PQntuples(reply_->get()) > 0;
  }
  int changes() const override { return changes_; }
  std::int64_t integer(int column) const override {
    const std::string value = text(column);
    if (value == "t") return 1;
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
  bool is_null(int column) const override { return !has_row() || db_.target_.library->PQgetisnull(reply_->get(), row_, column) != 0; }
  std::string text(int column) const override {
    if (is_null(column)) return {};
    const auto size = static_cast<std::size_t>(db_.target_.library->PQgetlength(reply_->get(), row_, column));
    return {db_.target_.library->PQgetvalue(reply_->get(), row_, column), size};
  }
  void reset() override {
    reply_.reset();
    std::fill(values_.begin(), values_.end(), nullptr);
  }

  /// Once in each connection. A transaction ends with the connection that it was begun in.
  Result<> prepare() override {
    if (!db_.is_connected()) {
      if (db_.in_transaction_) return db_.fail(nullptr);
      TRY_VOID(db_.connect());
    }
    if (prepared_in_ == db_.connection_no_) return {};
    TRY_VOID(db_.checked(db_.target_.library->PQprepare(db_.connection_, name_.c_str(), sql_.c_str(), 0, nullptr)));
    prepared_in_ = db_.connection_no_;
    return {};
  }

 private:
  /// Of a statement with RETURNING, each row is one that it changed.
  void count_changes() {
    const char* changed = db_.target_.library->PQcmdTuples(reply_->get());
    changes_ = 0;
    if (!std::string_view(db_.target_.library->PQcmdStatus(reply_->get())).starts_with("SELECT"))
      std::from_chars(changed, changed + std::char_traits<char>::length(changed), changes_);
    db_.changes_ += changes_;
  }
  bool has_row() const { return reply_ && row_ >= 0 && row_ < db_.target_.library->PQntuples(reply_->get()); }
  void set(std::size_t at, std::string_view value, int format) {
    values_[at] = value.data() != nullptr ? value.data() : "";
    lengths_[at] = static_cast<int>(value.size());
    formats_[at] = format;
  }

  PgDb& db_;
  std::string sql_, name_;
  std::int64_t prepared_in_ = 0;
  std::vector<std::string> texts_;  // of integers
  std::vector<const char*> values_{};
  std::vector<int> lengths_{}, formats_{};
  std::optional<PgDb::Reply> reply_{};
  int row_ = -1, changes_ = 0;
};

PgDb::PgDb(PgTarget target, std::string committer_id, std::function<TimeMs()> clock, PgNews* news)
    : target_(std::move(target)), committer_id_(std::move(committer_id)), clock_(std::move(clock)), news_(news) {}

PgDb::~PgDb() {
  if (is_connected() && !committer_id_.empty()) [[maybe_unused]]
    const auto gone = run("DELETE FROM wf_committer WHERE committer_id = '" + committer_id_ + "'");
  disconnect();
}

void PgDb::disconnect() {
  if (connection_ != nullptr) target_.library->PQfinish(connection_);
  connection_ = nullptr;
}

bool PgDb::is_connected() const { return connection_ != nullptr && target_.library->PQstatus(connection_) == CONNECTION_OK; }

PgDb::Reply PgDb::own(pg_result* result) const {
  return {result, [library = target_.library](pg_result* old) { library->PQclear(old); }};
}

Error PgDb::fail(const pg_result* result) {
  const char* state = result == nullptr ? nullptr : target_.library->PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const bool lost = !is_connected() || state == nullptr;
  failed_ = true;
  last_state_ = lost ? "" : state;
  last_error_ = lost ? pg_lost(target_.shown) : pg_error(state, target_.shown);
  may_try_again_ = lost || pg_may_try_again(state);
  return last_error_;
}

Result<PgDb::Reply> PgDb::checked(pg_result* result) {
  Reply reply = own(result);
  const ExecStatusType status = target_.library->PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return reply;
  return fail(result);
}

Result<PgDb::Reply> PgDb::run(const std::string& sql) { return checked(target_.library->PQexec(connection_, sql.c_str())); }

Result<> PgDb::exec(const char* sql) {
  TRY_VOID(run(sql));
  return {};
}

Result<> PgDb::begin_sending() {
  answers_.clear();
  sent_ = 0;
  if (target_.library->PQenterPipelineMode(connection_) != 1) return fail(nullptr);
  return {};
}

/// The first error is that of the statement that spoiled the transaction; those behind it were not carried out.
Result<> PgDb::take_answers() {
  Result<> outcome{};
  for (int n = 0; n < sent_; ++n) {
    Reply answer = own(target_.library->PQgetResult(connection_));
    if (!answer || target_.library->PQgetResult(connection_) != nullptr) return fail(nullptr);
    const ExecStatusType status = target_.library->PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && outcome) outcome = fail(answer.get());
    answers_.push_back(std::move(answer));
  }
  const Reply synced = own(target_.library->PQgetResult(connection_));
  if (target_.library->PQresultStatus(synced.get()) != PGRES_PIPELINE_SYNC || target_.library->PQexitPipelineMode(connection_) != 1)
    return fail(nullptr);
  return outcome;
}

Result<> PgDb::end_sending() {
  const bool sent = !failed_ && target_.library->PQpipelineSync(connection_) == 1;
  Result<> outcome = sent ? take_answers() : Result<>(fail(nullptr));
  if (outcome) return outcome;
  answers_.clear();
  // Whatever stands between the two now, nothing of the transaction is committed.
  if (!is_connected() || target_.library->PQpipelineStatus(connection_) != PQ_PIPELINE_OFF) disconnect();
  return outcome;
}

Result<> PgDb::connect_once() {
  disconnect();
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : target_.settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = target_.library->PQconnectdbParams(keywords.data(), values.data(), 0);
  if (is_connected()) {
    ++connection_no_;
    target_.library->PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
    return set_up();
  }
  failed_ = true;
  const char* said = connection_ != nullptr ? target_.library->PQerrorMessage(connection_) : "";
  last_error_ = pg_unreachable(said, target_.shown);
  may_try_again_ = last_error_.code == "E0210";
  disconnect();
  return last_error_;
}

/// What every session needs: a COMMIT that is answered is on the disk, whatever the server's default is. A machine that froze or is gone in the
/// middle of a transaction keeps its rows from others for far less than a lease.
Result<> PgDb::set_up() {
  TRY_VOID(
      run("SET synchronous_commit = on; SET client_encoding = 'UTF8'; SET statement_timeout = '30s';"
          " SET idle_in_transaction_session_timeout = '3s'; SET lock_timeout = '4s'; SET search_path = \"" +
          target_.schema + "\", pg_catalog"));
  if (committer_id_.empty()) return {};
  // Who writes goes by keys. A plan made while the tables were small is kept, and must not read all of one that has grown.
  // Where there is no other way, that makes a plan look so dear that it would be compiled.
  TRY_VOID(run("SET enable_seqscan = off; SET jit = off"));
  // A row that is there already says how far this committer came; one that a transaction is about to bring is waited for.
  TRY_VOID(run("INSERT INTO wf_committer (committer_id, batch_no, at_ms) VALUES ('" + committer_id_ + "', 0, " + target_.clock +
               ") ON CONFLICT DO NOTHING"));
  return {};
}

Result<> PgDb::connect() {
  auto connected = connect_within(target_.reconnect);
  if (!connected) may_try_again_ = false;  // all the time that there is was used up
  return connected;
}

Result<> PgDb::connect_within(std::chrono::milliseconds at_most) {
  if (is_connected()) return {};
  auto give_up_at = std::chrono::steady_clock::now() + at_most;
  for (auto pause = std::chrono::milliseconds(kFirstPause);; pause = std::min(pause * 2, std::chrono::milliseconds(kPauseMax))) {
    auto connected = connect_once();
    if (connected) failed_ = false;
    if (connected && target_.outage) target_.outage->is_back();
    if (!connected && may_try_again_ && target_.outage)
      give_up_at = std::min(give_up_at, target_.outage->away_since(std::chrono::steady_clock::now(), at_most) + at_most);
    if (connected || !may_try_again_ || std::chrono::steady_clock::now() >= give_up_at) return connected;
    if (target_.outage && target_.outage->is_over()) return connected;
    if (target_.outage) target_.outage->waits(last_error_.message + "; trying for up to " + human_duration(at_most.count()));
    std::this_thread::sleep_for(pause);
  }
}

Result<TimeMs> PgDb::read_clock() {
  TRY_VOID(connect());
  TRY(const Reply reply, run("SELECT " + target_.clock));
  return TimeMs{std::strtoll(target_.library->PQgetvalue(reply.get(), 0, 0), nullptr, 10)};
}

TimeMs PgDb::now() {
  if (in_transaction_) return begun_at_;
  const auto asked = read_clock();
  return asked ? *asked : clock_();
}

int PgDb::socket() const { return is_connected() ? target_.library->PQsocket(connection_) : -1; }

Result<int> PgDb::take_notices() {
  if (!is_connected() || target_.library->PQconsumeInput(connection_) == 0) return fail(nullptr);
  for (int taken = 0; taken < kNoticesMax; ++taken) {
    PGnotify* notice = target_.library->PQnotifies(connection_);
    if (notice == nullptr) return taken;
    target_.library->PQfreemem(notice);
  }
  return kNoticesMax;
}

Result<> PgDb::begin() {
  Result<> begun{};
  for (int n = 0; n < kBeginTriesMax; ++n) {  // a connection may have broken since it was last used, and nothing has begun
    begun = begin_once();
    if (begun || !may_try_again_) return begun;
    disconnect();
  }
  return begun;
}

/// One round trip: the transaction, this batch's number in the committer's own row, and the time.
Result<> PgDb::begin_once() {
  failed_ = may_try_again_ = has_news_ = unsettled_ = false;
  TRY_VOID(connect());
  const std::string number = std::to_string(++batch_no_);
  auto begun =
      run("BEGIN; INSERT INTO wf_committer (committer_id, batch_no, at_ms) VALUES ('" + committer_id_ + "', " + number + ", " + target_.clock +
          ") ON CONFLICT (committer_id) DO UPDATE SET batch_no = excluded.batch_no, at_ms = excluded.at_ms; SELECT " + target_.clock);
  if (!begun) {
    Error error = std::move(begun).error();
    if (is_connected()) [[maybe_unused]]
      const auto undone = run("ROLLBACK");
    return error;
  }
  begun_at_ = std::strtoll(target_.library->PQgetvalue(begun->get(), 0, 0), nullptr, 10);
  in_transaction_ = true;
  return {};
}

Result<> PgDb::commit() {
  in_transaction_ = false;
  const bool has_news = has_news_ && news_ != nullptr;
  const bool goes_along = has_news && news_->may_go_along();
  TRY_VOID(commit_for_sure(goes_along ? "NOTIFY " + target_.channel + "; COMMIT" : "COMMIT"));
  if (has_news && !goes_along) news_->tell_soon();
  return {};
}

Result<> PgDb::commit_for_sure(const std::string& sql) {
  auto committed = run(sql);
  if (committed) return {};
  // A server that goes down may say so in the place of an answer, whether the transaction is there or not.
  if (is_connected() && !last_state_.starts_with("57") && !last_state_.starts_with("08")) return committed.error();
  disconnect();
  return settle_lost_commit();
}

/// The committer's row says whether the batch is there. Reading it locked waits until the server has settled the old transaction, one way or the
/// other.
Result<> PgDb::settle_lost_commit() {
  Error last = last_error_;
  unsettled_ = true;  // whoever asked has to read again
  for (int n = 0; n < kSettleTriesMax; ++n) {
    if (auto connected = connect(); !connected) {
      may_try_again_ = false;
      return connected.error();
    }
    auto row = run("SELECT batch_no FROM wf_committer WHERE committer_id = '" + committer_id_ + "' FOR UPDATE");
    if (row) {
      const std::int64_t there =
          target_.library->PQntuples(row->get()) > 0 ? std::strtoll(target_.library->PQgetvalue(row->get(), 0, 0), nullptr, 10) : 0;
      failed_ = unsettled_ = false;
      if (there == batch_no_) return {};
      may_try_again_ = true;  // it never was, and never will be
      return pg_lost(target_.shown);
    }
    last = row.error();
    disconnect();
  }
  may_try_again_ = false;
  return last;
}

void PgDb::roll_back() {
  in_transaction_ = false;
  if (is_connected()) [[maybe_unused]]
    const auto undone = run("ROLLBACK");
}

Statement* PgDb::prepared(const char* sql) {
  auto [place, is_new] = statements_.try_emplace(sql, nullptr);
  if (is_new) place->second = std::make_unique<PgStatement>(*this, sql, "s" + std::to_string(statements_.size()));
  return place->second.get();
}

}  // namespace sluice::journal_detail
