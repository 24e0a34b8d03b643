// What becomes of a journal of an older format whose tables later migrations change.
#include "journal/schema.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>

#include "journal/sqlite_journal.h"
#include "journal/sqlite_ledger.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

constexpr TimeMs kNoon = 1'780'056'000'000;  // 2026-05-29 12:00 UTC

/// As programs of format 2 made them. This text stays as it is, whatever becomes of schema.cc.
constexpr const char* kFormat2 = R"sql(
CREATE TABLE wf_node (node_id TEXT PRIMARY KEY, lease_until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE wf_run (
  run_id TEXT PRIMARY KEY, name TEXT NOT NULL, code_version TEXT NOT NULL, dedup_key TEXT, labels TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ready','running','parked','paused','unknown','done','failed','cancelled')),
  reason TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, wake_at INTEGER, deadline_at INTEGER,
  wake_no INTEGER NOT NULL DEFAULT 0, parked_no INTEGER NOT NULL DEFAULT 0, head_seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
  idle_claims INTEGER NOT NULL, owner TEXT) WITHOUT ROWID;
CREATE UNIQUE INDEX wf_run_dedup ON wf_run(dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX wf_run_live ON wf_run(status) WHERE status IN ('ready','running','parked','paused','unknown');
CREATE TABLE wf_event (
  run_id TEXT NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, type INTEGER NOT NULL, path TEXT NOT NULL, try_no INTEGER NOT NULL,
  in_hash TEXT NOT NULL, body TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID;
CREATE TABLE wf_inbox (
  run_id TEXT NOT NULL, msg_id TEXT NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL, sender TEXT NOT NULL, at_ms INTEGER NOT NULL,
  taken_seq INTEGER, PRIMARY KEY (run_id, msg_id)) WITHOUT ROWID;
CREATE INDEX wf_inbox_new ON wf_inbox(topic, run_id) WHERE taken_seq IS NULL;
CREATE TABLE wf_approval (
  approval_no INTEGER PRIMARY KEY, approval_id TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL, path TEXT NOT NULL, subject_hash TEXT NOT NULL,
  subject TEXT NOT NULL, card TEXT NOT NULL, policy TEXT NOT NULL, due_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('open','approved','refined','rejected','expired','void')),
  decided_by TEXT NOT NULL DEFAULT '', feedback TEXT NOT NULL DEFAULT '', edited TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, decided_at INTEGER, spent_seq INTEGER, UNIQUE (run_id, path, subject_hash));
CREATE INDEX wf_approval_open ON wf_approval(approval_no) WHERE status = 'open';
CREATE TABLE model_call (
  call_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, workflow TEXT NOT NULL, path TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL,
  call_key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved','paid','failed','cached')), at_ms INTEGER NOT NULL,
  usd_nano INTEGER NOT NULL, tokens INTEGER NOT NULL, input INTEGER NOT NULL DEFAULT 0, cached INTEGER NOT NULL DEFAULT 0,
  cache_written INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0, latency_ms INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '');
CREATE INDEX model_call_run ON model_call(run_id);
CREATE INDEX model_call_time ON model_call(at_ms);
CREATE TABLE model_day (
  day INTEGER PRIMARY KEY, usd_nano INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0,
  latency_ms INTEGER NOT NULL DEFAULT 0, flight_usd_nano INTEGER NOT NULL DEFAULT 0, flight_tokens INTEGER NOT NULL DEFAULT 0,
  flight_calls INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER model_call_reserved AFTER INSERT ON model_call WHEN NEW.state = 'reserved' BEGIN
  INSERT INTO model_day (day) VALUES (NEW.at_ms / 86400000) ON CONFLICT DO NOTHING;
  UPDATE model_day SET flight_usd_nano = flight_usd_nano + NEW.usd_nano, flight_tokens = flight_tokens + NEW.tokens,
    flight_calls = flight_calls + 1 WHERE day = NEW.at_ms / 86400000;
END;
CREATE TRIGGER model_call_settled AFTER UPDATE ON model_call WHEN OLD.state = 'reserved' BEGIN
  UPDATE model_day SET flight_usd_nano = flight_usd_nano - OLD.usd_nano, flight_tokens = flight_tokens - OLD.tokens,
    flight_calls = flight_calls - 1, usd_nano = usd_nano + NEW.usd_nano, tokens = tokens + NEW.tokens, calls = calls + 1,
    latency_ms = latency_ms + NEW.latency_ms WHERE day = OLD.at_ms / 86400000;
END;
CREATE TABLE forgotten_example (approval_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA application_id=1397508419;
PRAGMA user_version=2;
)sql";

/// The statements with which programs of format 2 book a call: of 100 tokens and a tenth of a dollar at most, and what became of it.
constexpr const char* kReserve2 =
    "INSERT INTO model_call (run_id, workflow, path, model, provider, call_key, state, at_ms, usd_nano, tokens, input, cached, cache_written, output)"
    " VALUES ('r-old', 'ask', 'round[0]/call model', 'default', 'anthropic/claude', 'k', ?1, 1780056000000, 100000000, 100, 0, 0, 0, 0)";
constexpr const char* kSettle2 =
    "UPDATE model_call SET state = ?2, usd_nano = ?3, tokens = ?4, input = ?4, cached = 0, cache_written = 0, output = 0, latency_ms = ?5,"
    " failure = '' WHERE call_id = ?1 AND state = 'reserved'";

/// A program of format 2 that has the journal open: a connection with its statements.
class OldProgram {
 public:
  explicit OldProgram(const std::string& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &db_), SQLITE_OK);
    sqlite3_busy_timeout(db_, 5'000);
  }
  ~OldProgram() {
    sqlite3_finalize(reserve_);
    sqlite3_finalize(settle_);
    sqlite3_close(db_);
  }
  OldProgram(const OldProgram&) = delete;
  OldProgram& operator=(const OldProgram&) = delete;

  void exec(const char* sql) { ASSERT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db_); }
  void prepare() {
    ASSERT_EQ(sqlite3_prepare_v2(db_, kReserve2, -1, &reserve_, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    ASSERT_EQ(sqlite3_prepare_v2(db_, kSettle2, -1, &settle_, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
  }
  std::int64_t book(const char* state) {
    sqlite3_bind_text(reserve_, 1, state, -1, SQLITE_STATIC);
    run(reserve_);
    return sqlite3_last_insert_rowid(db_);
  }
  void settle(std::int64_t id, const char* state, std::int64_t usd_nano, std::int64_t tokens, std::int64_t milliseconds) {
    sqlite3_bind_int64(settle_, 1, id);
    sqlite3_bind_text(settle_, 2, state, -1, SQLITE_STATIC);
    sqlite3_bind_int64(settle_, 3, usd_nano);
    sqlite3_bind_int64(settle_, 4, tokens);
    sqlite3_bind_int64(settle_, 5, milliseconds);
    run(settle_);
  }
  /// The columns of every row, as text.
  std::set<std::string> rows(const std::string& sql) {
    std::set<std::string> found;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      std::string row;
      for (int n = 0; n < sqlite3_column_count(statement); ++n) {
        const unsigned char* text = sqlite3_column_text(statement, n);
        (row += n > 0 ? " " : "") += text != nullptr ? reinterpret_cast<const char*>(text) : "NULL";
      }
      found.insert(row);
    }
    sqlite3_finalize(statement);
    return found;
  }

 private:
  void run(sqlite3_stmt* statement) {
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(db_);
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *reserve_ = nullptr, *settle_ = nullptr;
};

/// A journal of format 2 with calls of one step: two that ended, one in flight, one that the cache answered.
class JournalOfFormat2 : public testing::Test {
 protected:
  void SetUp() override {
    old_.exec(kFormat2);
    old_.prepare();
    old_.settle(old_.book("reserved"), "paid", 20'000'000, 80, 700);
    old_.settle(old_.book("reserved"), "failed", 10'000'000, 30, 300);
    in_flight_ = old_.book("reserved");
    old_.book("cached");
    ASSERT_EQ(day(), "30000000 110 2 1000 100000000 100 1");
  }
  std::unique_ptr<SqliteLedger> open() {
    auto ledger = SqliteLedger::open(file_, {.now = [] { return kNoon; }});
    EXPECT_TRUE(ledger) << ledger.error().message;
    return ledger ? *std::move(ledger) : nullptr;
  }
  std::string day() {
    const auto days = old_.rows("SELECT usd_nano, tokens, calls, latency_ms, flight_usd_nano, flight_tokens, flight_calls FROM model_day");
    EXPECT_EQ(days.size(), 1U);
    return days.empty() ? "" : *days.begin();
  }

  TestFolder folder_{};
  std::string file_ = folder_.path("journal.db");
  OldProgram old_{file_};
  std::int64_t in_flight_ = 0;
};

TEST_F(JournalOfFormat2, KeepsTheSumsOfItsDays) {
  const auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(old_.rows("PRAGMA user_version"), std::set<std::string>{std::to_string(journal_detail::kFormat)});
  EXPECT_EQ(day(), "30000000 110 2 1000 100000000 100 1");
  const auto spent = ledger->spent("r-old");
  ASSERT_TRUE(spent) << spent.error().message;
  EXPECT_EQ(std::tuple(spent->usd, spent->tokens, spent->calls, spent->milliseconds, spent->unpriced), std::tuple(0.13, 210, 3, 1'000, 0));
  const auto entries = ledger->entries("r-old");
  ASSERT_TRUE(entries) << entries.error().message;
  std::vector<std::string> states;
  for (const LedgerEntry& entry : *entries) {
    states.push_back(entry.state);
    EXPECT_TRUE(entry.usd) << "what was booked then had a price";
    EXPECT_EQ(entry.draw, 0);
  }
  EXPECT_EQ(states, (std::vector<std::string>{"paid", "failed", "reserved", "cached"}));
}

TEST_F(JournalOfFormat2, SettlesWhatWasInFlight) {
  const auto ledger = open();
  ASSERT_TRUE(ledger);
  ASSERT_TRUE(ledger->settle(in_flight_, {.usage = {.input = 40, .output = 20}, .usd = 0.05, .latency_ms = 500}));
  EXPECT_EQ(day(), "80000000 170 3 1500 0 0 0") << "of which draw a call was is not known: their times add up, as they did";
  EXPECT_EQ(ledger->spent("r-old")->milliseconds, 1'500);
  Reservation next{.run = "r-new", .workflow = "ask", .path = "round[0]/call model", .model = "default", .provider = "p", .key = "k"};
  next.usd_max = 0.03;
  next.day_budget = {.usd = 0.1};
  const auto refused = ledger->reserve(next);
  ASSERT_FALSE(refused) << "$0.08 of $0.10 are spent";
  EXPECT_EQ(refused.error().code, "E1020");
  next.usd_max = 0.02;
  EXPECT_TRUE(ledger->reserve(next));
}

TEST_F(JournalOfFormat2, WhoHasItOpenGoesOnBooking) {
  const auto ledger = open();
  ASSERT_TRUE(ledger);
  old_.settle(in_flight_, "paid", 50'000'000, 60, 500);
  old_.settle(old_.book("reserved"), "paid", 1'000'000, 1, 7);
  EXPECT_EQ(day(), "81000000 171 4 1507 0 0 0");
  EXPECT_EQ(ledger->spent("r-old")->milliseconds, 1'507);
  EXPECT_EQ(ledger->spent("r-old")->unpriced, 0);
}

TEST_F(JournalOfFormat2, BecomesWhatANewOneIs) {
  ASSERT_TRUE(open());
  const std::string fresh = folder_.path("fresh.db");
  ASSERT_TRUE(SqliteJournal::open(fresh));
  OldProgram other(fresh);
  const char* everything = "SELECT type, name, tbl_name, sql FROM sqlite_master";
  EXPECT_EQ(old_.rows(everything), other.rows(everything));
  EXPECT_TRUE((*SqliteJournal::open(file_))->check());
}

}  // namespace
}  // namespace sluice
