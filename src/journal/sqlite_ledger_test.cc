#include "journal/sqlite_ledger.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <limits>
#include <random>
#include <thread>

#include "journal/old_formats_for_test.h"
#include "journal/schema.h"
#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"

namespace sluice {
namespace {

constexpr TimeMs kNoon = 1'780'056'000'000;  // 2026-05-29 12:00 UTC
constexpr TimeMs kHour = 3'600'000;

class SqliteLedgerFile : public testing::Test {
 protected:
  std::unique_ptr<SqliteLedger> open() {
    auto ledger = SqliteLedger::open(file_, {.now = [this] { return now_.load(); }});
    EXPECT_TRUE(ledger) << ledger.error().message;
    return ledger ? *std::move(ledger) : nullptr;
  }
  static Reservation call(const std::string& run, double usd, std::int64_t tokens = 100) {
    return {.run = run,
            .workflow = "ask",
            .path = "round/0/propose",
            .model = "default",
            .provider = "anthropic/claude",
            .key = "k",
            .usd_max = usd,
            .tokens_max = tokens};
  }
  static Settlement paid(double usd, std::int64_t input = 60, std::int64_t output = 20) {
    return {.usage = {.input = input, .cached = 10, .cache_written = 5, .output = output}, .usd = usd, .latency_ms = 700};
  }
  static std::string code(const Result<std::int64_t>& reserved) { return reserved ? "" : reserved.error().code; }
  std::int64_t integer(const char* sql) const {
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    const std::int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
  }
  void sql(const char* text) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, text, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  TestFolder folder_{};
  std::string file_ = folder_.path("journal.db");
  std::atomic<TimeMs> now_{kNoon};
};

TEST_F(SqliteLedgerFile, KeepsCallsInOrderWithHowTheyEnded) {
  auto ledger = open();
  const std::int64_t first = *ledger->reserve(call("r-1", 0.2));
  ++now_;
  const std::int64_t second = *ledger->reserve(call("r-1", 0.3, 400));
  const std::int64_t third = *ledger->reserve(call("r-1", 0.1));
  ASSERT_TRUE(ledger->reserve(call("r-2", 9)));
  ASSERT_TRUE(ledger->settle(third, paid(0.05)));
  ASSERT_TRUE(ledger->settle(first, {.usage = {.input = 7}, .usd = 0.01, .latency_ms = 30, .failure = "E1001"}));
  ASSERT_TRUE(ledger->cached(call("r-1", 0.04), {.input = 11, .output = 3}));

  for (const bool again : {false, true}) {
    if (again) ledger = open();
    auto entries = ledger->entries("r-1");
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 4U);
    EXPECT_EQ((*entries)[0].id, first);
    EXPECT_EQ((*entries)[0].at_ms, kNoon);
    EXPECT_EQ((*entries)[0].state, "failed");
    EXPECT_EQ((*entries)[0].failure, "E1001");
    EXPECT_EQ((*entries)[0].usd, 0.01);
    EXPECT_EQ((*entries)[0].latency_ms, 30);
    EXPECT_EQ((*entries)[1].id, second);
    EXPECT_EQ((*entries)[1].at_ms, kNoon + 1);
    EXPECT_EQ((*entries)[1].state, "reserved");
    EXPECT_EQ((*entries)[1].usd, 0.3) << "the most that it can cost";
    const LedgerEntry& settled = (*entries)[2];
    EXPECT_EQ(settled.state, "paid");
    EXPECT_EQ(std::tuple(settled.run, settled.workflow, settled.path), std::tuple("r-1", "ask", "round/0/propose"));
    EXPECT_EQ(std::tuple(settled.model, settled.provider, settled.key), std::tuple("default", "anthropic/claude", "k"));
    EXPECT_EQ(std::tuple(settled.usage.input, settled.usage.cached, settled.usage.cache_written, settled.usage.output), std::tuple(60, 10, 5, 20));
    EXPECT_EQ(settled.usd, 0.05);
    EXPECT_EQ((*entries)[3].state, "cached");
    EXPECT_EQ((*entries)[3].usd, 0.04) << "what was saved";
    EXPECT_EQ((*entries)[3].usage.input, 11);

    const Spent spent = *ledger->spent("r-1");
    EXPECT_EQ(spent.usd, 0.36);
    EXPECT_EQ(spent.tokens, 7 + 400 + 80);
    EXPECT_EQ(spent.calls, 3);
    EXPECT_EQ(spent.milliseconds, 730);
    EXPECT_EQ(ledger->spent("r-none")->calls, 0);
  }
}

TEST_F(SqliteLedgerFile, ACallIsSettledOnce) {
  auto ledger = open();
  const std::int64_t id = *ledger->reserve(call("r-1", 1));
  ASSERT_TRUE(ledger->settle(id, paid(0.2)));
  EXPECT_TRUE(ledger->settle(id, paid(0.2))) << "whoever does not know whether the first was heard says it again";
  EXPECT_EQ(ledger->settle(id, paid(0.1)).error().kind, ErrorKind::bug);
  EXPECT_EQ(ledger->settle(id + 1, paid(0.1)).error().kind, ErrorKind::bug);
  ASSERT_TRUE(ledger->cached(call("r-1", 1), {}));
  EXPECT_EQ(ledger->settle(id + 1, paid(0.1)).error().kind, ErrorKind::bug) << "what the cache gave is no call";
  EXPECT_EQ(ledger->spent("r-1")->usd, 0.2);
}

TEST_F(SqliteLedgerFile, EachLimitOfTheRunHolds) {
  auto ledger = open();
  struct Case {
    const char* run;
    Budget budget;
  };
  for (const auto& [run, budget] : {Case{"usd", {.usd = 0.5}}, Case{"tokens", {.tokens = 500}}, Case{"calls", {.calls = 5}}}) {
    Reservation reservation = call(run, 0.1, 100);
    reservation.run_budget = budget;
    for (int n = 0; n < 5; ++n) ASSERT_EQ(code(ledger->reserve(reservation)), "") << run << " " << n;
    auto refused = ledger->reserve(reservation);
    ASSERT_EQ(code(refused), "E1020") << run;
    EXPECT_NE(refused.error().hint.find(std::string("budgets.run.") + run), std::string::npos) << refused.error().hint;
    EXPECT_EQ(ledger->entries(run)->size(), 5U) << "a refused call leaves no trace";
    reservation.run = std::string(run) + "-other";
    EXPECT_EQ(code(ledger->reserve(reservation)), "") << "each run has a budget of its own";
  }
  Reservation slow = call("seconds", 0);
  slow.run_budget.seconds = 1;
  ASSERT_TRUE(ledger->settle(*ledger->reserve(slow), paid(0)));
  ASSERT_TRUE(ledger->settle(*ledger->reserve(slow), paid(0)));
  EXPECT_EQ(code(ledger->reserve(slow)), "E1020");
}

TEST_F(SqliteLedgerFile, SettlingGivesBackWhatWasNotUsed) {
  auto ledger = open();
  Reservation reservation = call("r-1", 0.3, 300);
  reservation.run_budget = {.usd = 0.5, .tokens = 500};
  const std::int64_t id = *ledger->reserve(reservation);
  EXPECT_EQ(code(ledger->reserve(reservation)), "E1020");
  ASSERT_TRUE(ledger->settle(id, paid(0.05)));
  const std::int64_t next = *ledger->reserve(reservation);
  ASSERT_TRUE(ledger->settle(next, {.failure = "E1003"}));
  EXPECT_EQ(ledger->spent("r-1")->usd, 0.05) << "a call that reached nobody costs nothing";
  EXPECT_EQ(ledger->spent("r-1")->calls, 2) << "and was one";
  EXPECT_EQ(code(ledger->reserve(reservation)), "");
}

TEST_F(SqliteLedgerFile, WhatTheCacheGaveCountsNothing) {
  auto ledger = open();
  Reservation reservation = call("r-1", 0.5, 500);
  reservation.run_budget = {.usd = 0.5, .tokens = 500, .calls = 1};
  reservation.day_budget = reservation.run_budget;
  for (int n = 0; n < 3; ++n) ASSERT_TRUE(ledger->cached(reservation, {.input = 400, .output = 100}));
  EXPECT_EQ(code(ledger->reserve(reservation)), "");
}

TEST_F(SqliteLedgerFile, TheDayIsTheCalendarsInUtc) {
  auto ledger = open();
  const auto reserve = [&](const std::string& run) {
    Reservation reservation = call(run, 3);
    reservation.day_budget.usd = 5;
    return ledger->reserve(reservation);
  };
  now_ = kNoon - 12 * kHour - 1;  // the last millisecond of the day before
  ASSERT_EQ(code(reserve("r-0")), "");
  now_ = kNoon - 12 * kHour;
  ASSERT_EQ(code(reserve("r-1")), "");
  now_ = kNoon + 12 * kHour - 1;
  auto refused = reserve("r-2");
  ASSERT_EQ(code(refused), "E1020") << "the day's budget is that of all runs";
  EXPECT_EQ(refused.error().message,
            "the day's budget of $5.00 does not allow this call: $0.00 is spent, calls in flight may take up to $3.00 and it may take up to $3.00");
  now_ = kNoon + 12 * kHour;
  EXPECT_EQ(code(reserve("r-2")), "");
  now_ = kNoon;
  EXPECT_EQ(code(reserve("r-3")), "E1020") << "a clock that goes back finds its day as it was";
}

TEST_F(SqliteLedgerFile, TheDaysSumsAreThoseOfItsCalls) {
  constexpr unsigned kSeed = 20260529, kCalls = 120;
  std::mt19937 random(kSeed);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  auto ledger = open();
  for (unsigned n = 0; n < kCalls; ++n) {
    now_ = kNoon + static_cast<TimeMs>(random() % 72) * kHour;
    const double usd = static_cast<double>(random() % 1'000) * 0.001;
    auto id = ledger->reserve(call("r-" + std::to_string(n % 3), usd, std::int64_t{n} * 7));
    ASSERT_TRUE(id);
    now_ += kHour;  // some end on the day after they began, and count on the one on which they were reserved
    if (one_in(3)) continue;
    ASSERT_TRUE(ledger->settle(*id, one_in(4) ? Settlement{.usd = usd / 4, .failure = "E1001"} : paid(usd / 2, std::int64_t{n} * 5)));
    if (one_in(5)) {
      ASSERT_TRUE(ledger->cached(call("r-1", usd), {.input = 77}));
    }
  }
  EXPECT_EQ(integer("SELECT count(*) FROM model_day"), 4) << "from noon on for three days";
  EXPECT_EQ(integer("SELECT count(*) FROM (SELECT at_ms / 86400000,"
                    " sum(usd_nano) FILTER (WHERE state IN ('paid','failed')), sum(tokens) FILTER (WHERE state IN ('paid','failed')),"
                    " count(*) FILTER (WHERE state IN ('paid','failed')), sum(latency_ms) FILTER (WHERE state IN ('paid','failed')),"
                    " sum(usd_nano) FILTER (WHERE state = 'reserved'), sum(tokens) FILTER (WHERE state = 'reserved'),"
                    " count(*) FILTER (WHERE state = 'reserved') FROM model_call GROUP BY 1 INTERSECT SELECT * FROM model_day)"),
            4)
      << "seed " << kSeed;
}

TEST_F(SqliteLedgerFile, CostsByWorkflowModelAndDay) {
  auto ledger = open();
  const auto make = [&](const std::string& workflow, const std::string& provider, double usd) {
    Reservation reservation = call("r-1", usd);
    reservation.workflow = workflow;
    reservation.provider = provider;
    return reservation;
  };
  const auto pay = [&](const Reservation& reservation) { ASSERT_TRUE(ledger->settle(*ledger->reserve(reservation), paid(*reservation.usd_max))); };
  now_ = kNoon - 24 * kHour;
  pay(make("ask", "a/large", 0.2));
  now_ = kNoon;
  pay(make("ask", "b/small", 0.01));
  pay(make("etl", "a/large", 0.5));
  ASSERT_TRUE(ledger->cached(make("ask", "a/large", 7), {.input = 1'000}));
  ASSERT_TRUE(ledger->settle(*ledger->reserve(make("ask", "b/small", 3)), {.usage = {.input = 4}, .latency_ms = 100, .failure = "E1001"}));
  ASSERT_TRUE(ledger->reserve(make("ask", "b/small", 0.04)));

  const auto by_day = *ledger->costs(0, CostsBy::day);
  ASSERT_EQ(by_day.size(), 2U);
  EXPECT_EQ(by_day[0].group, "2026-05-28");
  EXPECT_EQ(by_day[0].usd, 0.2);
  EXPECT_EQ(by_day[1].group, "2026-05-29");
  EXPECT_EQ(by_day[1].usd, 0.55);

  const auto by_workflow = *ledger->costs(0, CostsBy::workflow);
  ASSERT_EQ(by_workflow.size(), 2U);
  EXPECT_EQ(by_workflow[0].group, "etl") << "the dearest first";
  const CostLine& ask = by_workflow[1];
  EXPECT_EQ(ask.group, "ask");
  EXPECT_EQ(ask.usd, 0.25);
  EXPECT_EQ(std::tuple(ask.calls, ask.cached, ask.failed, ask.in_flight), std::tuple(4, 1, 1, 1));
  EXPECT_EQ(std::tuple(ask.usage.input, ask.usage.cached, ask.usage.cache_written, ask.usage.output), std::tuple(124, 20, 10, 40));
  EXPECT_EQ(ask.latency_ms, 1'500);

  const auto by_model = *ledger->costs(kNoon, CostsBy::model);
  ASSERT_EQ(by_model.size(), 2U);
  EXPECT_EQ(by_model[0].group, "a/large");
  EXPECT_EQ(by_model[0].usd, 0.5) << "since the time asked for";
  EXPECT_EQ(by_model[0].cached, 1);
  EXPECT_TRUE(ledger->costs(kNoon + 1, CostsBy::day)->empty());
}

TEST_F(SqliteLedgerFile, ForgetsExamplesForGood) {
  auto ledger = open();
  EXPECT_TRUE(ledger->forgotten_examples()->empty());
  ASSERT_TRUE(ledger->forget_example("a-2"));
  ++now_;
  ASSERT_TRUE(ledger->forget_example("a-1"));
  ASSERT_TRUE(ledger->forget_example("a-2"));
  EXPECT_EQ(*open()->forgotten_examples(), (std::vector<std::string>{"a-2", "a-1"}));
}

TEST_F(SqliteLedgerFile, NumbersThatAProviderGarbledDoNotSpoilTheSums) {
  auto ledger = open();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (int n = 0; n < 20; ++n)
    ASSERT_TRUE(ledger->settle(*ledger->reserve(call("r-1", 1e300, kMost)), {.usage = {.input = kMost, .output = kMost}, .usd = 1e300}));
  EXPECT_GE(ledger->spent("r-1")->usd, 1e9);
  EXPECT_TRUE(ledger->costs(0, CostsBy::day));
  Reservation reservation = call("r-1", 0);
  reservation.run_budget.usd = 1e6;
  EXPECT_EQ(code(ledger->reserve(reservation)), "E1020");
}

/// Runs `work` in as many processes at once; the sum of what they return, and -1 for one that did not come to its end.
int in_processes(int count, const std::function<int(int)>& work) {
  std::array<int, 2> gate{};
  EXPECT_EQ(::pipe(gate.data()), 0);
  std::vector<pid_t> children;
  for (int n = 0; n < count; ++n) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[1]);
      char go = 0;
      [[maybe_unused]] const auto opened = ::read(gate[0], &go, 1);  // until the parent closes its end
      ::_exit(work(n));
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  int sum = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    sum += WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  return sum;
}

TEST_F(SqliteLedgerFile, ProcessesTogetherNeverExceedABudget) {
  constexpr int kProcesses = 4, kTries = 40, kRoom = 50, kFailed = 200;
  const int reserved = in_processes(kProcesses, [&](int n) {
    auto ledger = SqliteLedger::open(file_, {.now = [] { return kNoon; }});
    if (!ledger) return kFailed;
    int mine = 0;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      Reservation reservation = call("r-" + std::to_string(n), 0.1);
      reservation.day_budget.usd = kRoom * 0.1;
      auto id = (*ledger)->reserve(reservation);
      if (!id && id.error().code != "E1020") return kFailed;
      if (id && attempt % 2 == 0 && !(*ledger)->settle(*id, paid(0.1))) return kFailed;
      mine += id ? 1 : 0;
    }
    return mine;
  });
  EXPECT_EQ(reserved, kRoom);
  EXPECT_EQ(integer("SELECT sum(usd_nano) FROM model_call"), kRoom * 100'000'000LL);
}

TEST_F(SqliteLedgerFile, ThreadsTogetherNeverExceedABudget) {
  constexpr int kThreads = 8, kTries = 30, kRoom = 100;
  const std::array<std::unique_ptr<SqliteLedger>, 2> ledgers{open(), open()};
  std::atomic<int> reserved{0}, refused{0};
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < kThreads; ++n)
      threads.emplace_back([&, n] {
        Reservation reservation = call("r-1", 0.01, 10);
        reservation.run_budget = {.tokens = kRoom * 10};
        for (int attempt = 0; attempt < kTries; ++attempt) {
          auto id = ledgers.at(static_cast<std::size_t>(n % 2))->reserve(reservation);
          if (id) ++reserved;
          if (!id && id.error().code == "E1020") ++refused;
        }
      });
  }
  EXPECT_EQ(reserved, kRoom);
  EXPECT_EQ(refused, kThreads * kTries - kRoom);
  EXPECT_EQ(ledgers[0]->spent("r-1")->calls, kRoom);
}

TEST_F(SqliteLedgerFile, TheReservationOfAKilledProcessStillCounts) {
  std::array<int, 2> told{};
  ASSERT_EQ(::pipe(told.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto ledger = SqliteLedger::open(file_, {.now = [] { return kNoon; }});
    const bool reserved = ledger && (*ledger)->reserve(call("r-1", 0.4, 900));
    [[maybe_unused]] const auto written = ::write(told[1], reserved ? "y" : "n", 1);
    ::alarm(60);
    for (;;) ::pause();  // until killed, or the alarm ends it
  }
  char answer = 0;
  ASSERT_EQ(::read(told[0], &answer, 1), 1);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(told[0]);
  ::close(told[1]);
  ASSERT_EQ(answer, 'y');
  ASSERT_TRUE(WIFSIGNALED(status));

  auto ledger = open();
  EXPECT_EQ(ledger->spent("r-1")->usd, 0.4);
  EXPECT_EQ(ledger->spent("r-1")->tokens, 900);
  EXPECT_EQ(ledger->entries("r-1")->front().state, "reserved");
  EXPECT_EQ(ledger->costs(0, CostsBy::workflow)->front().in_flight, 1);
  Reservation next = call("r-1", 0.2);
  next.run_budget.usd = 0.5;
  EXPECT_EQ(code(ledger->reserve(next)), "E1020");
  next.usd_max = 0.1;
  EXPECT_EQ(code(ledger->reserve(next)), "");
}

TEST_F(SqliteLedgerFile, AStepTakesAsLongAsItsLongestDraw) {
  auto ledger = open();
  const auto took = [&](const std::string& run, const std::string& path, std::int64_t draw, std::int64_t milliseconds) {
    Reservation reservation = call(run, 0);
    reservation.path = path;
    reservation.draw = draw;
    ASSERT_TRUE(ledger->settle(*ledger->reserve(reservation), {.latency_ms = milliseconds}));
  };
  const auto of_day = [&] { return integer("SELECT latency_ms FROM model_day"); };
  took("r-1", "try[0]/call model", 0, 300);
  took("r-1", "try[0]/call model", 1, 500);
  took("r-1", "try[0]/call model", 0, 100);  // one more attempt at the first draw
  EXPECT_EQ(ledger->spent("r-1")->milliseconds, 500);
  EXPECT_EQ(of_day(), 500);
  took("r-1", "try[0]/call model", 0, 250);
  EXPECT_EQ(ledger->spent("r-1")->milliseconds, 650);
  took("r-1", "try[1]/call model", 0, 40);
  EXPECT_EQ(ledger->spent("r-1")->milliseconds, 690);
  took("r-2", "try[0]/call model", 0, 5);
  EXPECT_EQ(ledger->spent("r-2")->milliseconds, 5);
  EXPECT_EQ(of_day(), 695) << "the runs' times, added up";

  Reservation next = call("r-1", 0);
  next.day_budget.seconds = 1;
  EXPECT_EQ(code(ledger->reserve(next)), "");
  took("r-3", "try[0]/call model", 2, 305);
  EXPECT_EQ(code(ledger->reserve(next)), "E1020");
}

TEST_F(SqliteLedgerFile, APriceThatIsNotKnownIsNotZero) {
  auto ledger = open();
  Reservation reservation = call("r-1", 0);
  reservation.usd_max = std::nullopt;
  ASSERT_TRUE(ledger->settle(*ledger->reserve(reservation), paid(0)));
  ASSERT_TRUE(ledger->settle(*ledger->reserve(call("r-1", 0.2)), paid(0.1)));
  const auto entries = *ledger->entries("r-1");
  EXPECT_FALSE(entries[0].usd);
  EXPECT_EQ(entries[1].usd, 0.1);
  EXPECT_EQ(ledger->spent("r-1")->unpriced, 1);
  const CostLine line = ledger->costs(0, CostsBy::workflow)->front();
  EXPECT_EQ(std::tuple(line.calls, line.unpriced, line.usd), std::tuple(2, 1, 0.1));
}

/// A process that was there before this one opened anything, and does its work when it is told to. Its exit code is what the work returns.
class Waiting {
 public:
  explicit Waiting(const std::function<int()>& work) {
    EXPECT_EQ(::pipe(go_.data()), 0);
    child_ = ::fork();
    if (child_ != 0) return;
    ::close(go_[1]);
    ::alarm(60);
    char go = 0;
    [[maybe_unused]] const auto opened = ::read(go_[0], &go, 1);
    ::_exit(work());
  }
  int go() {
    EXPECT_EQ(::write(go_[1], "g", 1), 1);
    ::close(go_[0]);
    ::close(go_[1]);
    int status = 0;
    ::waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  std::array<int, 2> go_{};
  pid_t child_ = 0;
};

TEST_F(SqliteLedgerFile, BesideAnOpenJournalItLosesNothingToProcessesThatComeAndGo) {
  constexpr int kFailed = 200;
  const auto calls = [this] {
    auto ledger = SqliteLedger::open(file_, {.now = [] { return kNoon; }});
    return ledger ? static_cast<int>((*ledger)->entries("r-1")->size()) : kFailed;
  };
  Waiting reads(calls), reads_later(calls);
  auto journal = *SqliteJournal::open(file_);
  ASSERT_TRUE(journal->create_run({.id = {"r-1"}, .name = "ask", .code_version = "1", .input = Json("x")}));
  auto ledger = open();
  // It opens and closes the journal while this process has it open twice: the log that both write must stay.
  EXPECT_EQ(reads.go(), 0);
  ASSERT_TRUE(ledger->reserve(call("r-1", 0.1)));
  EXPECT_EQ(reads_later.go(), 1) << "what was confirmed is on disk for nobody else";
}

/// A journal of format 1 with runs, as it was before there was a ledger.
class OldJournal : public SqliteLedgerFile {
 protected:
  void SetUp() override {
    sql(kRunTables1);
    sql(kStamp1);
    for (int n = 0; n < kRuns; ++n) {
      const std::string id = "'r-" + std::to_string(n) + "'";
      sql(("INSERT INTO wf_run (run_id, name, code_version, labels, status, created_at, updated_at, head_seq, epoch, idle_claims)"
           " VALUES (" +
           id +
           ", 'ask', '1', 'null', 'ready', 1, 1, 1, 0, 0);"
           "INSERT INTO wf_event VALUES (" +
           id + R"(, 1, 0, 1, '', 0, '', '{"input":"old"}', 1))")
              .c_str());
    }
  }
  void expect_whole() {
    EXPECT_EQ(integer("PRAGMA user_version"), journal_detail::kFormat);
    auto journal = *SqliteJournal::open(file_);
    EXPECT_TRUE(journal->check());
    EXPECT_EQ(journal->runs({})->size(), static_cast<std::size_t>(kRuns));
    EXPECT_EQ(journal->events({"r-0"})->front().body["input"], Json("old"));
  }
  static constexpr int kRuns = 5;
};

TEST_F(OldJournal, GetsTheLedgersTablesAndKeepsItsRuns) {
  auto ledger = open();
  ASSERT_TRUE(ledger->reserve(call("r-0", 0.1)));
  expect_whole();
  EXPECT_EQ(ledger->spent("r-0")->calls, 1);
  const TestFolder other;
  const std::string fresh = other.path("journal.db");
  ASSERT_TRUE(SqliteJournal::open(fresh));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, ("ATTACH '" + fresh + "' AS fresh").c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  for (const auto& [a, b] : {std::pair("main", "fresh"), std::pair("fresh", "main")}) {
    const std::string query = std::string("SELECT name, sql FROM ") + a + ".sqlite_master EXCEPT SELECT name, sql FROM " + b + ".sqlite_master";
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db, query.c_str(), -1, &statement, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << a << " has " << sqlite3_column_text(statement, 0);
    sqlite3_finalize(statement);
  }
  sqlite3_close(db);
}

TEST_F(OldJournal, IsMigratedOnceByProcessesThatOpenItAtTheSameTime) {
  constexpr int kProcesses = 8;
  const int succeeded = in_processes(kProcesses, [&](int n) {
    if (n % 2 == 0) return SqliteJournal::open(file_) ? 1 : 0;
    auto ledger = SqliteLedger::open(file_);
    return ledger && (*ledger)->reserve(call("r-0", 0.1)) ? 1 : 0;
  });
  EXPECT_EQ(succeeded, kProcesses);
  expect_whole();
  EXPECT_EQ(open()->spent("r-0")->calls, kProcesses / 2);
}

TEST_F(OldJournal, StaysAsItWasWhereMigratingFails) {
  sql("CREATE TABLE forgotten_example (theirs)");
  EXPECT_FALSE(SqliteLedger::open(file_));
  EXPECT_EQ(integer("PRAGMA user_version"), 1);
  EXPECT_EQ(integer("SELECT count(*) FROM sqlite_master WHERE name = 'model_call'"), 0);
  sql("DROP TABLE forgotten_example");
  ASSERT_TRUE(open());
  expect_whole();
}

TEST_F(OldJournal, WhoHasItOpenInTheOldFormatGoesOn) {
  // What an older program has open: connections and prepared statements on the old tables.
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  sqlite3_stmt* insert = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db, "INSERT INTO wf_node VALUES ('old', 1)", -1, &insert, nullptr), SQLITE_OK);
  ASSERT_TRUE(open());
  EXPECT_EQ(sqlite3_step(insert), SQLITE_DONE) << sqlite3_errmsg(db);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  EXPECT_EQ(integer("SELECT count(*) FROM wf_node WHERE node_id = 'old'"), 1);
}

}  // namespace
}  // namespace sluice
