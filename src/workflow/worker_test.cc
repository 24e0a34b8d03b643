#include "workflow/worker.h"

#include <thread>

#include "workflow/engine_test_base.h"
#include "workflow/system_ports.h"

namespace sluice {
namespace {

constexpr milliseconds kPatience{20'000};

TimeMs machine_now() { return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Whose claims and appends fail as the test says.
struct FailingJournal : MemoryJournal {
  using MemoryJournal::MemoryJournal;
  static Error away() { return {ErrorKind::storage, "E0201", "the journal is away", "wait", 0}; }
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override {
    ++looks;
    return claims_to_fail-- > 0 ? Result<std::vector<RunInfo>>(away()) : MemoryJournal::claim_due(wanted);
  }
  Result<Appended> append(const Append& append) override { return appends_to_fail-- > 0 ? Result<Appended>(away()) : MemoryJournal::append(append); }
  Result<CreatedRun> create_run(const NewRun& run) override {
    auto created = MemoryJournal::create_run(run);
    return created && answers_to_lose-- > 0 ? Result<CreatedRun>(away()) : created;
  }
  std::atomic<int> claims_to_fail{0}, appends_to_fail{0}, answers_to_lose{0}, looks{0};
};

/// A worker on real time, in a thread of its own.
class WorkerTest : public testing::Test {
 protected:
  using What = WorkerNews::What;
  SystemClock clock_{};
  SystemRandom random_{};
  MemoryArtifacts artifacts_{};
  FailingJournal journal_{machine_now};
  std::unique_ptr<Engine> engine_ = std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, clock_, random_});
  WorkerOptions options_{.poll = milliseconds(60'000)};  // what is not news is not noticed
  std::stop_source stop_{}, hurry_{};
  WorkerReport report_{};
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::vector<WorkerNews> told_{};

  void add(const std::function<Result<std::string>(Context&, const In&)>& fn) { engine_->add<In, std::string>("w", "1", fn); }
  RunId start(const std::string& input, const std::string& queue = "default") {
    auto id = engine_->start("w", Json(input), {.place = {.queue = queue}});
    EXPECT_TRUE(id);
    return *id;
  }
  std::jthread working_{};

  ~WorkerTest() override {  // also where a test gave up half-way
    stop_.request_stop();
    hurry_.request_stop();
  }
  void work() {
    working_ = std::jthread([this] {
      Worker worker(*engine_, journal_, clock_, options_, [this](const WorkerNews& news) {
        const std::scoped_lock lock(mutex_);
        told_.push_back(news);
        changed_.notify_all();
      });
      report_ = worker.run(stop_.get_token(), hurry_.get_token());
    });
  }
  void work_to_the_end() {
    work();
    working_.join();
  }
  int told(What what) const {
    return static_cast<int>(std::count_if(told_.begin(), told_.end(), [&](const WorkerNews& n) { return n.what == what; }));
  }
  bool hear(What what, int times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return told(what) >= times; });
  }
  RunStatus status(const RunId& id) { return journal_.run(id)->status; }
  void approve(const RunId& id) {
    auto open = journal_.open_approval_of(id);
    ASSERT_TRUE(open);
    ASSERT_TRUE(journal_.decide(open->id, {.action = DecisionAction::approve, .decided_by = "ann"}));
  }
};

TEST_F(WorkerTest, TakesWhatIsDueInItsQueuesAndEndsWhenIdle) {
  add([](Context& run, const In& in) { return run.step("twice", in, [](const std::string& text) -> Result<std::string> { return text + text; }); });
  std::vector<RunId> mine;
  for (int n = 0; n < 20; ++n) mine.push_back(start(std::to_string(n), n % 2 == 0 ? "default" : "etl"));
  const RunId other = start("other", "elsewhere");
  options_.queues = {{}, {.queue = "etl"}};
  options_.until_idle = true;
  work_to_the_end();
  for (const RunId& id : mine) EXPECT_EQ(status(id), RunStatus::done);
  EXPECT_EQ(status(other), RunStatus::ready);
  EXPECT_EQ(report_.taken, 20);
  EXPECT_EQ(report_.ended, 20);
  EXPECT_EQ(told(What::taken), 20);
  EXPECT_EQ(told(What::ended), 20);
}

TEST_F(WorkerTest, WhatARunStartsIsDoneBeforeItIsIdle) {
  engine_->add<In, std::string>("leaf", "1", [](Context&, const In& in) -> Result<std::string> { return in + "!"; });
  add([](Context& run, const In& in) { return run.child<std::string>("leaf", "leaf", in); });
  const RunId id = start("a");
  options_.until_idle = true;
  options_.concurrency = 1;
  work_to_the_end();
  EXPECT_EQ(*engine_->state(id)->output, Json("a!"));
  EXPECT_EQ(report_.taken, 3);
}

TEST_F(WorkerTest, AParkedRunTakesNoThreadAndResumesOnTheDecision) {
  add([](Context& run, const In& in) -> Result<std::string> {
    if (in == "quick") return in;
    TRY(auto decision, run.wait_for_approval("go on", in, {}));
    return decision.approved ? "yes" : "no";
  });
  options_.concurrency = 1;
  work();
  for (int n = 0; n < 10; ++n) {
    const RunId waiting = start("slow");
    ASSERT_TRUE(hear(What::waiting, n + 1));
    const RunId quick = start("quick");
    ASSERT_TRUE(hear(What::ended, 2 * n + 1));
    EXPECT_EQ(status(quick), RunStatus::done) << "the only thread is free";
    approve(waiting);
    ASSERT_TRUE(hear(What::taken, 3 * n + 3)) << "although it polls once a minute";
    ASSERT_TRUE(hear(What::ended, 2 * n + 2));
    EXPECT_EQ(status(waiting), RunStatus::done);
  }
  stop_.request_stop();
}

TEST_F(WorkerTest, NeverMoreAtOnceThanItHasThreads) {
  constexpr int kThreads = 3, kRuns = 30;
  std::mutex mutex;
  std::condition_variable arrived;
  int now = 0, most = 0;
  const Activity<In, std::string> busy{
      .effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
        std::unique_lock lock(mutex);
        most = std::max(most, ++now);
        arrived.notify_all();
        // The first ones stay until every thread has one.
        EXPECT_TRUE(arrived.wait_for(lock, kPatience, [&] { return most >= kThreads; }));
        lock.unlock();
        std::this_thread::sleep_for(milliseconds(2));  // so that one too many shows itself: of a right worker nothing rests on it
        lock.lock();
        --now;
        return in;
      }};
  add([&](Context& run, const In& in) { return run.step("busy", busy, in); });
  for (int n = 0; n < kRuns; ++n) start(std::to_string(n));
  options_.concurrency = kThreads;
  options_.until_idle = true;
  work_to_the_end();
  EXPECT_EQ(report_.ended, kRuns);
  EXPECT_EQ(most, kThreads);
}

TEST_F(WorkerTest, ARunThatThrowsEndsNothingElse) {
  add([](Context&, const In& in) -> Result<std::string> {
    if (in == "bad") throw std::runtime_error("a defect");
    return in;
  });
  const RunId bad = start("bad");
  const RunId good = start("good");
  options_.concurrency = 1;
  options_.until_idle = true;
  work_to_the_end();
  EXPECT_EQ(status(bad), RunStatus::paused);
  EXPECT_EQ(status(good), RunStatus::done);
  EXPECT_EQ(report_.waiting, 1);
}

TEST_F(WorkerTest, ThatNothingIsDueIsToldOnceAfterAWhile) {
  add([](Context&, const In& in) -> Result<std::string> { return in; });
  options_.poll = milliseconds(20);
  work();
  ASSERT_TRUE(hear(What::idle));
  start("a");
  ASSERT_TRUE(hear(What::ended));
  ASSERT_TRUE(hear(What::idle, 2));
  stop_.request_stop();
}

TEST_F(WorkerTest, AnOutageOfTheJournalIsToldOnceAndSurvived) {
  add([](Context&, const In& in) -> Result<std::string> { return in; });
  start("a");
  journal_.claims_to_fail = 3;
  options_.until_idle = true;
  work_to_the_end();
  EXPECT_EQ(told(What::journal_lost), 1);
  EXPECT_EQ(told(What::journal_back), 1);
  EXPECT_EQ(report_.ended, 1);
}

TEST_F(WorkerTest, ARunThatTheJournalLeftInItsHandsIsTakenUpAgain) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) { return run.step("look", look, in); });
  const RunId id = start("a");
  journal_.appends_to_fail = 1;
  options_.poll = milliseconds(100);
  work();
  ASSERT_TRUE(hear(What::aborted));
  EXPECT_EQ(status(id), RunStatus::running) << "and its owner lives: nobody else can take it";
  ASSERT_TRUE(hear(What::ended));
  EXPECT_EQ(status(id), RunStatus::done);
  stop_.request_stop();
}

TEST_F(WorkerTest, IsNotIdleWhileARunThatTheJournalLeftWaitsForItsNextClaim) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) { return run.step("look", look, in); });
  const RunId id = start("a");
  journal_.appends_to_fail = 1;
  options_.until_idle = true;
  work_to_the_end();
  EXPECT_EQ(status(id), RunStatus::done);
  EXPECT_EQ(report_.aborted, 1);
  EXPECT_EQ(report_.ended, 1);
}

TEST_F(WorkerTest, ARunThatWasBegunElsewhereInTheProcessIsTakenUpToo) {
  add([](Context&, const In& in) -> Result<std::string> { return in; });
  journal_.appends_to_fail = 1;
  EXPECT_FALSE(engine_->run("w", Json("the journal is away at its end")));
  journal_.answers_to_lose = 1;
  EXPECT_FALSE(engine_->run("w", Json("nobody heard of it")));
  options_.poll = milliseconds(100);
  work();
  ASSERT_TRUE(hear(What::ended, 2));
  stop_.request_stop();
}

TEST_F(WorkerTest, ARunThatWasLeftWithAnOlderLeaseIsTakenUpWhileAnotherKeepsThat) {
  std::atomic<bool> go_on{false};
  const Activity<In, std::string> wait{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                         while (!go_on) std::this_thread::sleep_for(milliseconds(1));
                                         return in;
                                       }};
  add([&](Context& run, const In& in) { return in == "long" ? run.step("wait", wait, in) : Result<std::string>(in); });
  options_.poll = milliseconds(50);
  work();
  start("long");
  ASSERT_TRUE(hear(What::taken));
  journal_.appends_to_fail = 1;
  start("short");
  ASSERT_TRUE(hear(What::aborted));
  journal_.claims_to_fail = 1;
  ASSERT_TRUE(hear(What::journal_back));
  ASSERT_TRUE(hear(What::ended)) << "although the long one holds the lease that it was left with";
  go_on = true;
  ASSERT_TRUE(hear(What::ended, 2));
  stop_.request_stop();
}

/// A step that takes until the test lets it go, or until it is stopped, if it listens.
struct Gate {
  std::mutex mutex{};
  std::condition_variable_any changed{};
  bool open = false;
  Activity<In, std::string> activity(bool listens = true) {
    return {.effect = Effect::read, .act = [this, listens](StepContext& step, const In& in) -> Result<std::string> {
              std::unique_lock lock(mutex);
              if (listens)
                changed.wait_for(lock, step.cancelled, kPatience, [this] { return open; });
              else
                changed.wait_for(lock, kPatience, [this] { return open; });
              if (!open) return Error{ErrorKind::cancelled, "E0999", "stopped", "", 0};
              return in;
            }};
  }
  void let_go() {
    const std::scoped_lock lock(mutex);
    open = true;
    changed.notify_all();
  }
};

TEST_F(WorkerTest, DrainsWhatCanEndAndTakesNothingNew) {
  Gate gate;
  const auto wait = gate.activity();
  add([&](Context& run, const In& in) { return run.step("wait", wait, in); });
  const RunId running = start("a");
  options_.concurrency = 1;
  work();
  ASSERT_TRUE(hear(What::taken));
  const RunId next = start("b");
  stop_.request_stop();
  std::this_thread::sleep_for(milliseconds(50));
  gate.let_go();
  working_.join();
  EXPECT_EQ(status(running), RunStatus::done);
  EXPECT_EQ(status(next), RunStatus::ready);
  EXPECT_EQ(report_.handed_back, 0);
}

TEST_F(WorkerTest, HandsBackWhatDoesNotEndInTime) {
  Gate gate;
  const auto wait = gate.activity();
  add([&](Context& run, const In& in) { return run.step("wait", wait, in); });
  const RunId running = start("a");
  options_.drain = milliseconds(100);
  work();
  ASSERT_TRUE(hear(What::taken));
  stop_.request_stop();
  working_.join();
  EXPECT_EQ(status(running), RunStatus::ready);
  EXPECT_EQ(report_.handed_back, 1);
  EXPECT_TRUE(report_.stuck.empty());
}

TEST_F(WorkerTest, HandsBackAtOnceWhenTold) {
  Gate gate;
  const auto wait = gate.activity();
  add([&](Context& run, const In& in) { return run.step("wait", wait, in); });
  const RunId running = start("a");
  options_.drain = kPatience * 10;
  work();
  ASSERT_TRUE(hear(What::taken));
  stop_.request_stop();
  hurry_.request_stop();
  working_.join();
  EXPECT_EQ(status(running), RunStatus::ready);
}

TEST_F(WorkerTest, NamesWhatDoesNotStop) {
  Gate gate;
  const auto wait = gate.activity(false);
  add([&](Context& run, const In& in) { return run.step("wait", wait, in); });
  const RunId running = start("a");
  options_.drain = options_.hand_back = milliseconds(50);
  Worker worker(*engine_, journal_, clock_, options_, [this](const WorkerNews& news) {
    if (news.what == What::taken) stop_.request_stop();
  });
  const WorkerReport report = worker.run(stop_.get_token());
  EXPECT_EQ(report.stuck, std::vector<RunId>{running});
  gate.let_go();
}

TEST(WorkerTakeover, AnotherWorkerGoesOnWithTheRunsOfADeadOne) {
  SystemClock clock;
  SystemRandom random;
  MemoryArtifacts artifacts;
  MemoryJournal journal(machine_now, 400);
  const NodeId dead = *journal.register_node();
  Engine engine({journal, artifacts, clock, random});
  engine.add<In, std::string>("w", "1", [](Context&, const In& in) -> Result<std::string> { return in; });
  const RunId id = *engine.start("w", Json("in"));
  ASSERT_TRUE(journal.claim(id, dead));
  std::stop_source stop;
  Worker worker(engine, journal, clock, {.poll = milliseconds(50)}, [&](const WorkerNews& news) {
    if (news.what == WorkerNews::What::ended) stop.request_stop();
  });
  worker.run(stop.get_token());
  EXPECT_EQ(journal.run(id)->status, RunStatus::done);
}

}  // namespace
}  // namespace sluice
