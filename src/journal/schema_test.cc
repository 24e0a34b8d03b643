// What becomes of a journal of an older format whose tables later migrations change.
#include "journal/schema.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>

#include "journal/old_formats_for_test.h"
#include "journal/sqlite_journal.h"
#include "journal/sqlite_ledger.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

constexpr TimeMs kNoon = 1'780'056'000'000;  // 2026-05-29 12:00 UTC

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
    for (const char* part : {kRunTables1, kLedgerTables2, kStamp2}) old_.exec(part);
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

/// A program of a format up to 3 that has the journal open and writes about runs.
class OldRunProgram {
 public:
  explicit OldRunProgram(const std::string& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &db_), SQLITE_OK);
    for (const char* part : {kRunTables1, kStamp1}) EXPECT_EQ(sqlite3_exec(db_, part, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_exec(db_, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
    prepare(kCreateRun1, create_);
    prepare(kInsertEvent1, event_);
  }
  ~OldRunProgram() {
    sqlite3_finalize(create_);
    sqlite3_finalize(event_);
    sqlite3_close(db_);
  }
  OldRunProgram(const OldRunProgram&) = delete;
  OldRunProgram& operator=(const OldRunProgram&) = delete;

  void create(const std::string& id, const std::string& dedup_key) {
    sqlite3_bind_text(create_, 1, id.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(create_, 2, dedup_key.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(create_, 3, R"({"connection":"Shop","text":"Delays BY carrier"})", -1, SQLITE_STATIC);
    sqlite3_bind_int64(create_, 4, kNoon);
    run(create_);
    sqlite3_bind_text(event_, 1, id.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(event_, 2, 1);
    sqlite3_bind_int64(event_, 3, 1);
    sqlite3_bind_text(event_, 4, R"({"input":"in"})", -1, SQLITE_STATIC);
    sqlite3_bind_int64(event_, 5, kNoon);
    run(event_);
  }

 private:
  void prepare(const char* sql, sqlite3_stmt*& statement) {
    EXPECT_EQ(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
  }
  void run(sqlite3_stmt* statement) {
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(db_);
    sqlite3_reset(statement);
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt *create_ = nullptr, *event_ = nullptr;
};

TEST(RunsOfFormat1, AreFoundClaimedAndToldApartByTheNewProgram) {
  const TestFolder folder;
  const std::string file = folder.path("journal.db");
  OldRunProgram old(file);
  old.create("r-1", "k-1");
  auto opened = SqliteJournal::open(file, {.now = [] { return kNoon; }});
  ASSERT_TRUE(opened) << opened.error().message;
  SqliteJournal& journal = **opened;
  old.create("r-2", "k-2");  // it goes on
  const auto first = journal.run({"r-1"}), second = journal.run({"r-2"});
  ASSERT_TRUE(first && second);
  for (const RunInfo& run : {*first, *second}) {
    EXPECT_EQ(run.root, run.id);
    EXPECT_EQ(run.place.queue, "default");
    EXPECT_TRUE(run.imported.empty());
  }
  EXPECT_EQ(journal.runs({.connection = "Shop", .text = "by CARRIER"})->size(), 1U) << "what an old program writes later has no words to be found by";
  NewRun again{.id = {"r-3"}, .name = "ask", .code_version = "1", .dedup_key = "k-2", .labels = Json::object(), .input = Json("in")};
  EXPECT_EQ(journal.create_run(again)->run.id.text, "r-2");
  const NodeId node = *journal.register_node();
  const auto claimed = journal.claim_due({.node = node, .queues = {{}}, .versions = {{"ask", "1"}}, .limit = 9});
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_EQ(claimed->size(), 2U);
  EXPECT_TRUE(journal.audit(1, 10)->empty());
  EXPECT_TRUE(journal.check());
}

TEST(CopiesOfFormat6, AreSeenByWhoMaySeeWhatTheyAreAbout) {
  const TestFolder folder;
  const std::string file = folder.path("journal.db");
  NewRun run{.id = {"r-1"}, .name = "ask", .code_version = "1", .labels = Json::object().set("connection", "shop")};
  run.input = Json::object().set("connection", "crm");
  {
    const auto journal = *SqliteJournal::open(file, {.now = [] { return kNoon; }});
    for (const char* id : {"r-1", "r-2", "r-3"}) {
      run.id = {id};
      ASSERT_TRUE(journal->create_run(run));
    }
  }
  OldProgram old(file);
  old.exec("UPDATE wf_run SET imported = 'by eve' WHERE run_id = 'r-1'; UPDATE wf_run SET forked_from = 'r-1' WHERE run_id = 'r-2';");
  old.exec("PRAGMA user_version = 6");
  const auto journal = *SqliteJournal::open(file, {.now = [] { return kNoon; }});
  const auto ids = [&](const char* connection) {
    std::vector<std::string> found;
    const auto runs = *journal->runs({.sight = {.all = false, .of = {{connection, "ask"}}}});
    for (const RunInfo& one : runs) found.push_back(one.id.text);
    return found;
  };
  EXPECT_EQ(ids("crm"), (std::vector<std::string>{"r-2", "r-1"})) << "what they are about is in their input";
  EXPECT_EQ(ids("shop"), std::vector<std::string>{"r-3"}) << "what was written as one is left alone";
}

}  // namespace
}  // namespace sluice
