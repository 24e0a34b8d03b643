#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "cutting_proxy.h"
#include "journal/test_folder.h"
#include "journal_server.h"
#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/system_ports.h"
#include "workflow/test_ports.h"

// Connections that break around COMMIT, a server that crashes, clocks that are off: nothing confirmed is lost, nothing is there twice.
namespace sluice {
namespace {

using std::chrono::milliseconds;

class PostgresFaults : public testing::Test {
 protected:
  void SetUp() override {
    if (!JournalServer::get().is_there()) JournalServer::get().skip_or_fail();
  }
  static std::unique_ptr<PostgresJournal> open(const PostgresJournalOptions& options) {
    auto journal = PostgresJournal::open(options);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? *std::move(journal) : nullptr;
  }
  /// By way of a proxy's socket in the folder.
  PostgresJournalOptions through(const TestFolder& folder) const {
    PostgresJournalOptions options = server_.options(schema_);
    options.url = "postgresql://admin@/shop?host=" + folder.path("") + "&port=" + std::to_string(server_.server().port);
    return options;
  }
  static NewRun new_run(const std::string& id, const NodeId& node) {
    return {.id = {id}, .name = "w", .code_version = "1", .labels = Json::object(), .input = Json("in"), .claim_by = node};
  }
  static Append step(const RunInfo& run, std::int64_t head) {
    Append append{.run = run.id, .epoch = run.epoch, .head_seq = head};
    append.events.push_back({EventType::step_completed, "n" + std::to_string(head), 0, "hash", Json::object().set("value", "step-value")});
    return append;
  }
  JournalServer& server_ = JournalServer::get();
  std::string schema_ = server_.is_there() ? server_.new_schema() : "";
};

class CutConnections : public PostgresFaults, public testing::WithParamInterface<CuttingProxy::Cut> {};

TEST_P(CutConnections, EveryWriteIsThereOnceAndItsCallerKnows) {
  const TestFolder folder;
  CuttingProxy proxy(folder.path(""), server_.server().folder, server_.server().port);
  auto journal = open(through(folder));
  ASSERT_TRUE(journal);
  const NodeId node = *journal->register_node();
  constexpr int kRuns = 8, kSteps = 12;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int n = 0; n < kRuns; ++n)
    threads.emplace_back([&, n] {
      const std::string id = "r-" + std::to_string(n);
      auto created = journal->create_run(new_run(id, node));
      if (!created || created->existed) {
        ++wrong;
        return;
      }
      for (int k = 0; k < kSteps; ++k) {
        if (n == 0 && k % 3 == 0) proxy.cut(GetParam(), 1);
        auto answer = journal->append(step(created->run, k + 1));
        if (!answer || answer->head_seq != k + 2) {
          ADD_FAILURE() << id << " step " << k << ": " << (answer ? "a wrong head" : answer.error().code + " " + answer.error().message);
          ++wrong;
          return;
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(proxy.cuts(), 2) << "the test has to cut";
  EXPECT_EQ(wrong, 0);
  for (int n = 0; n < kRuns; ++n) {
    const auto events = journal->events({"r-" + std::to_string(n)});
    ASSERT_TRUE(events);
    EXPECT_EQ(events->size(), static_cast<std::size_t>(kSteps + 1));
    std::set<std::string> paths;
    for (const EventInfo& event : *events) EXPECT_TRUE(paths.insert(event.path).second) << event.path;
  }
}

TEST_P(CutConnections, ADecisionCountsOnce) {
  const TestFolder folder;
  CuttingProxy proxy(folder.path(""), server_.server().folder, server_.server().port);
  auto journal = open(through(folder));
  ASSERT_TRUE(journal);
  const NodeId node = *journal->register_node();
  auto run = journal->create_run(new_run("r-1", node));
  ASSERT_TRUE(run);
  Append asking{.run = run->run.id, .epoch = 1, .head_seq = 1};
  asking.approvals.push_back({.id = {"a-1"}, .path = "ok", .subject_hash = "h", .subject = Json("s"), .card = Json("c")});
  ASSERT_TRUE(journal->append(asking));
  proxy.cut(GetParam());
  const auto decided = journal->decide({"a-1"}, {.action = DecisionAction::approve, .reason = "step-value", .decided_by = "ann"});
  ASSERT_TRUE(decided) << decided.error().code << " " << decided.error().message;
  EXPECT_EQ(proxy.cuts(), 1) << "the test has to cut";
  EXPECT_EQ(decided->status, ApprovalStatus::approved);
  EXPECT_EQ(journal->audit(1, 10)->size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Cuts, CutConnections,
                         testing::Values(CuttingProxy::Cut::before_commit, CuttingProxy::Cut::after_commit, CuttingProxy::Cut::in_statement),
                         [](const auto& chosen) {
                           switch (chosen.param) {
                             case CuttingProxy::Cut::before_commit: return "before_commit";
                             case CuttingProxy::Cut::after_commit: return "after_commit";
                             default: return "in_statement";
                           }
                         });

TEST_F(PostgresFaults, ACommitOfWhichNobodyCanLearnIsNotDoneAgain) {
  const TestFolder folder;
  CuttingProxy proxy(folder.path(""), server_.server().folder, server_.server().port);
  PostgresJournalOptions options = through(folder);
  options.reconnect = milliseconds(500);
  auto journal = open(options);
  ASSERT_TRUE(journal);
  auto run = journal->create_run(new_run("r-1", *journal->register_node()));
  Append asking{.run = run->run.id, .epoch = 1, .head_seq = 1};
  asking.approvals.push_back({.id = {"a-1"}, .path = "ok", .subject_hash = "h", .subject = Json("s"), .card = Json("c")});
  ASSERT_TRUE(journal->append(asking));
  proxy.go_away_after_cut();
  proxy.cut(CuttingProxy::Cut::after_commit);
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(800));  // it has given up asking, and would have begun again
    proxy.come_back();
  });
  const auto decided = journal->decide({"a-1"}, {.action = DecisionAction::approve, .decided_by = "ann"});
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().code, "E0210") << "and not that somebody has decided already";
  later.join();
  EXPECT_EQ(journal->approval({"a-1"})->status, ApprovalStatus::approved);
  EXPECT_EQ(journal->audit(1, 10)->size(), 1U);
}

TEST_F(PostgresFaults, AServerThatIsAwayIsWaitedForOnceAndNotForEachWrite) {
  const TestFolder folder;
  CuttingProxy proxy(folder.path(""), server_.server().folder, server_.server().port);
  PostgresJournalOptions options = through(folder);
  options.reconnect = milliseconds(300);
  auto journal = open(options);
  ASSERT_TRUE(journal);
  const NodeId node = *journal->register_node();
  constexpr int kRuns = 16, kTriesInTime = 6;  // pauses of 50, 100, 200 ms
  std::vector<RunInfo> runs;
  for (int n = 0; n < kRuns; ++n) runs.push_back(journal->create_run(new_run("r-" + std::to_string(n), node))->run);
  proxy.go_away();
  const int before = proxy.refused();
  {
    std::vector<std::jthread> threads;
    for (const RunInfo& run : runs) threads.emplace_back([&] { EXPECT_EQ(journal->append(step(run, 1)).error().code, "E0210"); });
  }
  EXPECT_LT(proxy.refused() - before, 4 * kTriesInTime + kRuns) << "a few batches, and the listener";
  proxy.come_back();
  for (const RunInfo& run : runs) EXPECT_TRUE(journal->append(step(run, 1)));
}

TEST_F(PostgresFaults, AServerThatCrashesAgainAndAgainLosesNothingConfirmed) {
  constexpr int kRestarts = 4, kThreads = 6;
  std::atomic<bool> over{false};
  std::atomic<int> steps{0};
  struct Confirmed {
    std::string id{};
    std::int64_t head = 0;
  };
  std::vector<Confirmed> confirmed(kThreads);
  std::vector<std::thread> threads;
  auto first = open(server_.options(schema_)), second = open(server_.options(schema_));
  ASSERT_TRUE(first && second);
  const NodeId one = *first->register_node(), two = *second->register_node();
  for (int n = 0; n < kThreads; ++n)
    threads.emplace_back([&, n] {
      PostgresJournal& journal = n % 2 == 0 ? *first : *second;
      Confirmed& mine = confirmed[static_cast<std::size_t>(n)];
      mine.id = "r-" + std::to_string(n);
      auto created = journal.create_run(new_run(mine.id, n % 2 == 0 ? one : two));
      if (!created) {
        ADD_FAILURE() << created.error().message;
        return;
      }
      mine.head = 1;
      while (!over) {
        auto answer = journal.append(step(created->run, mine.head));
        if (!answer) {
          ADD_FAILURE() << mine.id << ": " << answer.error().code << " " << answer.error().message;
          return;
        }
        mine.head = answer->head_seq;
        ++steps;
      }
    });
  for (int n = 0; n < kRestarts; ++n) {
    std::this_thread::sleep_for(milliseconds(300));
    server_.server().restart();
  }
  std::this_thread::sleep_for(milliseconds(1'000));
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(steps, kRestarts * kThreads);
  for (const Confirmed& mine : confirmed) {
    const auto events = first->events({mine.id}, 0, kEventsMax);
    ASSERT_TRUE(events) << events.error().message;
    EXPECT_EQ(std::ssize(*events), mine.head) << mine.id;
  }
  std::cout << steps << " steps confirmed over " << kRestarts << " crashes\n";
}

TEST_F(PostgresFaults, AWriteThatFailsTakesNoOtherWithIt) {
  auto journal = open(server_.options(schema_));
  ASSERT_TRUE(journal);
  const NodeId node = *journal->register_node();
  constexpr int kRuns = 12, kSteps = 40;
  enum class Kind { right, refused, broken };
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < kRuns; ++n)
    threads.emplace_back([&, n] {
      const Kind kind = n % 4 == 2 ? Kind::refused : n % 4 == 3 ? Kind::broken : Kind::right;
      auto created = journal->create_run(new_run("r-" + std::to_string(n), node));
      for (int k = 0; created && k < kSteps; ++k) {
        Append append = step(created->run, kind == Kind::right ? k + 1 : 1);
        if (kind == Kind::refused) append.epoch += 1;
        if (kind == Kind::broken) append.events.front().path = "\xff";  // no text of this database
        const auto answer = journal->append(append);
        const std::string code = answer ? "" : answer.error().code;
        const bool as_it_should = kind == Kind::right ? code.empty() : kind == Kind::refused ? code == "E0105" : !code.empty() && code != "E0105";
        if (!as_it_should) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  for (int n = 0; n < kRuns; ++n) {
    const std::size_t there = n % 4 < 2 ? kSteps + 1 : 1;
    EXPECT_EQ(journal->events({"r-" + std::to_string(n)})->size(), there) << n;
  }
}

TEST_F(PostgresFaults, TheLastEventsAndTheEndAreWrittenTogether) {
  auto journal = open(server_.options(schema_));
  ASSERT_TRUE(journal);
  const NodeId node = *journal->register_node();
  const auto parent = journal->create_run(new_run("r-parent", node));
  ASSERT_TRUE(parent);
  Append start = step(parent->run, 1);
  for (const char* id : {"r-child", "r-other"}) start.children.push_back({.id = {id}, .path = id, .name = "w", .code_version = "1"});
  ASSERT_TRUE(journal->append(start));
  const auto child = journal->claim({"r-child"}, node);
  ASSERT_TRUE(child);
  Append asking{.run = child->id, .epoch = child->epoch, .head_seq = 1};
  asking.approvals.push_back({.id = {"a-1"}, .path = "ok", .subject_hash = "h", .subject = Json("s"), .card = Json("c")});
  ASSERT_TRUE(journal->append(asking));
  ASSERT_TRUE(journal->send(child->id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  for (const bool stale : {true, false}) {
    Append last = step(*child, 1);
    last.epoch += stale ? 1 : 0;
    last.events.push_back({.type = EventType::finished, .body = Json::object().set("output", "out")});
    last.transition = Transition{.to = RunStatus::done};
    const auto ended = journal->append(last);
    EXPECT_EQ(ended ? "" : ended.error().code, stale ? "E0105" : "");
    EXPECT_EQ(journal->run(child->id)->status, stale ? RunStatus::running : RunStatus::done);
    EXPECT_EQ(journal->events(child->id)->size(), stale ? 1U : 3U);
    EXPECT_EQ(journal->run({"r-parent"})->wake_no, stale ? 0 : 1) << "it hears of the end";
    EXPECT_EQ(journal->approval({"a-1"})->status, stale ? ApprovalStatus::open : ApprovalStatus::voided);
    EXPECT_EQ(journal->inbox(child->id)->size(), stale ? 1U : 0U);
  }
  Append last{.run = {"r-parent"}, .epoch = 1, .head_seq = 2};
  last.events.push_back({.type = EventType::failed, .body = Json::object()});
  last.transition = Transition{.to = RunStatus::failed, .reason = "why"};
  ASSERT_TRUE(journal->append(last));
  EXPECT_EQ(journal->run({"r-parent"})->reason, "why");
  EXPECT_EQ(journal->inbox({"r-other"})->size(), 1U) << "a child that goes on is asked to end";
  EXPECT_EQ(journal->inbox({"r-child"})->size(), 0U);
}

TEST_F(PostgresFaults, SomebodyElsesDecisionWakesWhoeverWaits) {
  auto mine = open(server_.options(schema_)), theirs = open(server_.options(schema_));
  ASSERT_TRUE(mine && theirs);
  const NodeId node = *mine->register_node();
  ASSERT_TRUE(mine->create_run(new_run("r-1", node)));
  std::this_thread::sleep_for(milliseconds(300));  // until it listens
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_TRUE(theirs->send({"r-1"}, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  });
  const auto begun = std::chrono::steady_clock::now();
  const std::uint64_t before = mine->change_no();
  mine->wait_for_change(before, milliseconds(20'000), {});
  const auto waited = std::chrono::steady_clock::now() - begun;
  other.join();
  EXPECT_LT(waited, std::chrono::seconds(10));
}

TEST_F(PostgresFaults, SaysWhyItCannotBeUsed) {
  PostgresJournalOptions options = server_.options(schema_);
  const auto why = [&](const std::string& url, const std::string& schema) {
    PostgresJournalOptions wrong = options;
    wrong.url = url;
    wrong.schema = schema;
    const auto opened = PostgresJournal::open(wrong);
    EXPECT_FALSE(opened);
    if (opened) return std::string();
    EXPECT_EQ(opened.error().message.find("s3cr3t"), std::string::npos);
    return opened.error().code + " " + opened.error().message + ": " + opened.error().hint;
  };
  const auto expect = [&](const std::string& url, const std::string& schema, std::string_view code, std::string_view words) {
    const std::string said = why(url, schema);
    EXPECT_TRUE(said.starts_with(code)) << said;
    EXPECT_NE(said.find(words), std::string::npos) << said;
  };
  expect("nonsense", schema_, "E0211", "write it as postgresql://");
  expect(options.url, "x\"; DROP SCHEMA public", "E0211", "small letters");
  const std::string at = "@127.0.0.1:" + std::to_string(server_.server().port);
  expect("postgresql://nobody:s3cr3t" + at + "/shop?sslmode=disable", schema_, "E0211", "refused the login");
  expect("postgresql://admin" + at + "/none?sslmode=disable", schema_, "E0211", "createdb none");
  expect("postgresql://admin" + at + "/shop", schema_, "E0211", "the server's certificate");
  server_.server().admin("ALTER SYSTEM SET ssl = off");
  server_.server().admin("SELECT pg_reload_conf()");
  const auto offers_tls = [&] { return why("postgresql://admin" + at + "/shop", schema_).find("certificate") != std::string::npos; };
  for (int n = 0; n < 500 && offers_tls(); ++n) std::this_thread::sleep_for(milliseconds(20));
  expect("postgresql://admin" + at + "/shop", schema_, "E0211", "add ?sslmode=disable");
  server_.server().admin("ALTER SYSTEM RESET ssl");
  server_.server().admin("SELECT pg_reload_conf()");
  ASSERT_TRUE(open(options));
  server_.server().admin("UPDATE " + schema_ + ".wf_format SET format = 99");
  expect(options.url, schema_, "E0203", "newer Sluice");
}

TEST_F(PostgresFaults, CopiesOfFormat3AreSeenByWhoMaySeeWhatTheyAreAbout) {
  NewRun run{.id = {}, .name = "ask", .code_version = "1", .labels = Json::object().set("connection", "shop")};
  run.input = Json::object().set("connection", "crm").set("question", std::string("nul \0 and \xff", 12));
  {
    auto journal = open(server_.options(schema_));
    ASSERT_TRUE(journal);
    for (const char* id : {"r-1", "r-2", "r-3"}) {
      run.id = {id};
      ASSERT_TRUE(journal->create_run(run));
    }
  }
  server_.server().admin("UPDATE " + schema_ + ".wf_run SET imported = 'by eve' WHERE run_id = 'r-1'");
  server_.server().admin("UPDATE " + schema_ + ".wf_run SET forked_from = 'r-1' WHERE run_id = 'r-2'");
  server_.server().admin("UPDATE " + schema_ + ".wf_format SET format = 3");
  auto journal = open(server_.options(schema_));
  ASSERT_TRUE(journal);
  const auto about_crm = *journal->runs({.sight = {.all = false, .of = {{"crm", "ask"}}}});
  const auto about_shop = *journal->runs({.sight = {.all = false, .of = {{"shop", "ask"}}}});
  ASSERT_EQ(about_crm.size(), 2U) << "what they are about is in their input";
  EXPECT_EQ(about_crm.front().id.text, "r-2");
  ASSERT_EQ(about_shop.size(), 1U) << "what was written as one is left alone";
  EXPECT_EQ(about_shop.front().id.text, "r-3");
}

TEST_F(PostgresFaults, CanBeCheckedBeforeAnythingElseWasRead) {
  auto journal = open(server_.options(schema_));
  ASSERT_TRUE(journal);
  const auto sound = journal->check();
  EXPECT_TRUE(sound) << sound.error().message;
}

TEST_F(PostgresFaults, AServerThatIsAwayIsToldOnceAndThatItIsBackToo) {
  const TestFolder folder;
  CuttingProxy proxy(folder.path(""), server_.server().folder, server_.server().port);
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> told;
  PostgresJournalOptions options = through(folder);
  options.outage = std::make_shared<PgOutage>([&](const std::string& words) {
    const std::scoped_lock lock(mutex);
    told.push_back(words);
    changed.notify_all();
  });
  auto journal = open(options);
  ASSERT_TRUE(journal);
  const RunInfo run = journal->create_run(new_run("r-1", *journal->register_node()))->run;
  proxy.go_away();
  {
    std::jthread writes([&] { EXPECT_TRUE(journal->append(step(run, 1))); });
    std::jthread reads([&] { EXPECT_TRUE(journal->run(run.id)); });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !told.empty(); });
    lock.unlock();
    proxy.come_back();
  }
  // An attempt that began before the server was back may fail after another one has succeeded.
  ASSERT_TRUE(told.size() == 2 || told.size() == 4) << told.size();
  EXPECT_NE(told.front().find("cannot be reached; trying for up to"), std::string::npos) << told.front();
  EXPECT_NE(told.back().find("is back"), std::string::npos);
}

TEST_F(PostgresFaults, TheSchemaIsMadeOnceByManyAtTheSameTime) {
  constexpr int kNodes = 6;
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < kNodes; ++n)
    threads.emplace_back([&] {
      PostgresJournalOptions options = server_.options(schema_);
      options.committers = options.readers = 1;
      auto journal = PostgresJournal::open(options);
      EXPECT_TRUE(journal) << journal.error().message;
      opened += journal ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, kNodes);
}

}  // namespace
}  // namespace sluice
