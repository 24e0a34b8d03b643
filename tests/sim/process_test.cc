#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"
#include "workflow/engine.h"
#include "workflow/system_ports.h"
#include "workflow/test_ports.h"
#include "workflow/test_processes.h"

// Real processes on one journal, and real kill -9.
namespace sluice::sim {
namespace {

using namespace process_test;
using std::chrono::milliseconds;

/// All that an engine needs, in this process.
struct Process {
  std::unique_ptr<SqliteJournal> journal;
  std::unique_ptr<ArtifactDir> artifacts;
  SystemClock clock{};
  SystemRandom random{};
  Engine engine;

  explicit Process(const TestFolder& folder, SqliteJournalOptions options = {})
      : journal(*SqliteJournal::open(folder.path("journal.db"), std::move(options))),
        artifacts(*ArtifactDir::open(folder.path("artifacts"))),
        engine({*journal, *artifacts, clock, random}, {.lease = milliseconds(1)}) {}
};

/// Says on the way why not: the child that asks can only end with a number.
bool is_done(const Result<RunState>& state) {
  if (state && state->status() == RunStatus::done) return true;
  std::cerr << (state ? std::string(enum_name(state->status())) + ": " + state->run.reason : state.error().code + " " + state.error().message)
            << "\n";
  return false;
}

TEST(Processes, KilledAtAnyMomentNothingConfirmedIsLostAndNothingIsDoneTwice) {
  const TestFolder folder;
  const std::string world = folder.path("world");
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  std::set<std::string> confirmed_done, confirmed_started;
  constexpr int kKills = 60, kConfirmationsMax = 5;
  for (int n = 0; n < kKills; ++n) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = in_child([&] {
      Process me(folder);
      add_workflow(me.engine, world);
      const auto confirm = [&](char what, const RunId& run) {
        const std::string line = what + run.text + "\n";
        if (::write(pipe[1], line.data(), line.size()) < 0) ::_exit(7);
      };
      auto left = me.journal->runs({.limit = kListMax});
      for (const RunInfo& run : *left) {
        if (is_final(run.status)) continue;
        auto state = me.engine.drive(run.id);  // what another process left behind when it was killed
        if (!is_done(state)) return 3;
        confirm('d', run.id);
      }
      for (;;) {
        auto run = me.engine.start("w", Json("in"));
        if (!run) return 4;
        confirm('s', *run);
        auto state = me.engine.drive(*run);
        if (!is_done(state)) return 5;
        confirm('d', *run);
      }
    });
    ::close(pipe[1]);
    std::string told;
    char chunk[4096];
    const auto listen = [&] {
      const ssize_t count = ::read(pipe[0], chunk, sizeof chunk);
      if (count > 0) told.append(chunk, static_cast<std::size_t>(count));
      return count > 0;
    };
    // After some of what it confirms, and any time from there on: on a machine where a step takes seconds, it gets a step further too, now and then.
    const auto confirmations = static_cast<std::ptrdiff_t>(random.next() % kConfirmationsMax);
    while (std::count(told.begin(), told.end(), '\n') < confirmations && listen()) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.next() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status) << " in round " << n;
    while (listen()) {
    }
    ::close(pipe[0]);
    for (std::size_t at = 0, end = 0; (end = told.find('\n', at)) != std::string::npos; at = end + 1)
      (told[at] == 'd' ? confirmed_done : confirmed_started).insert(told.substr(at + 1, end - at - 1));
  }
  Process me(folder);
  add_workflow(me.engine, world);
  for (const std::string& run : confirmed_started) EXPECT_TRUE(me.journal->run({run})) << "confirmed as started, and gone";
  for (const std::string& run : confirmed_done) EXPECT_EQ(me.journal->run({run})->status, RunStatus::done) << "confirmed as done, and not";
  EXPECT_GT(confirmed_done.size(), 10U);
  auto runs = me.journal->runs({.limit = kListMax});
  for (const RunInfo& run : *runs) EXPECT_EQ(me.engine.drive(run.id)->status(), RunStatus::done);
  for (const auto& [key, count] : happened(world)) EXPECT_EQ(count, 1) << key;
  EXPECT_EQ(happened(world).size(), runs->size() * kEffects);
  EXPECT_TRUE(me.journal->check());
}

TEST(Processes, TwoHammerOneJournalAndLoseNothing) {
  const TestFolder folder;
  const std::string world = folder.path("world");
  constexpr int kRuns = 150, kThreads = 4;
  const auto hammer = [&] {
    Process me(folder);
    add_workflow(me.engine, world);
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    std::atomic<int> next{0};
    std::atomic<std::int64_t> slowest{0};
    for (int n = 0; n < kThreads; ++n) {
      threads.emplace_back([&] {
        while (next++ < kRuns) {
          const auto begun = std::chrono::steady_clock::now();
          auto state = me.engine.run("w", Json("in"));
          if (!state || state->status() != RunStatus::done) ++failures;
          const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun).count();
          for (auto known = slowest.load(); took > known && !slowest.compare_exchange_weak(known, took);) {
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    constexpr std::int64_t kStarvedMs = 4'000;
    return failures != 0 ? 3 : slowest > kStarvedMs ? 4 : 0;
  };
  const pid_t first = in_child(hammer), second = in_child(hammer);
  EXPECT_TRUE(ended_well(first));
  EXPECT_TRUE(ended_well(second));
  Process me(folder);
  auto runs = me.journal->runs({.limit = kListMax});
  EXPECT_EQ(runs->size(), 2U * kRuns);
  for (const RunInfo& run : *runs) EXPECT_EQ(run.status, RunStatus::done);
  EXPECT_EQ(happened(world).size(), 2U * kRuns * kEffects);
  for (const auto& [key, count] : happened(world)) EXPECT_EQ(count, 1) << key;
}

TEST(Processes, TwoTryToTakeOneRunAndItHappensOnce) {
  constexpr int kRounds = 20;
  for (int n = 0; n < kRounds; ++n) {
    const TestFolder folder;
    const std::string world = folder.path("world");
    RunId run;
    {
      Process me(folder);
      add_workflow(me.engine, world);
      run = *me.engine.start("w", Json("in"));
    }
    const auto take = [&] {
      Process me(folder);
      add_workflow(me.engine, world);
      auto state = me.engine.drive(run);
      if (state) return state->status() == RunStatus::done ? 0 : 3;
      return state.error().code == "E0104" || state.error().code == "E0105" || state.error().code == "E0115" ? 0 : 4;
    };
    const pid_t first = in_child(take), second = in_child(take);
    EXPECT_TRUE(ended_well(first));
    EXPECT_TRUE(ended_well(second));
    Process me(folder);
    EXPECT_EQ(me.journal->run(run)->status, RunStatus::done);
    EXPECT_EQ(happened(world).size(), kEffects);
    for (const auto& [key, count] : happened(world)) EXPECT_EQ(count, 1) << key;
  }
}

TEST(Processes, ADeadOwnersRunIsTakenOverAtOnce) {
  const TestFolder folder;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const Activity<std::string, std::string> hang{.effect = Effect::read, .act = [&](StepContext&, const std::string&) -> Result<std::string> {
                                                  if (::write(pipe[1], "x", 1) < 0) ::_exit(7);
                                                  for (;;) ::pause();
                                                }};
  const pid_t child = in_child([&] {
    Process me(folder);
    me.engine.add<std::string, std::string>("w", "1", [&](Context& run, const std::string& in) { return run.step("hang", hang, in); });
    return me.engine.run("w", Json("in")) ? 0 : 1;
  });
  char started = 0;
  ASSERT_EQ(::read(pipe[0], &started, 1), 1);
  Process me(folder);
  me.engine.add<std::string, std::string>("w", "1", [](Context& run, const std::string& in) {
    return run.step("hang", in, [](const std::string& text) -> Result<std::string> { return text + " was read again"; });
  });
  const RunId run = me.journal->runs({})->front().id;
  EXPECT_EQ(me.engine.drive(run).error().code, "E0104") << "its owner lives";
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  auto state = me.engine.drive(run);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(*state->output, Json("in was read again"));
}

TEST(Processes, ADecisionOfAnotherProcessWakesAWaitingOne) {
  const TestFolder folder;
  Process me(folder);
  me.engine.add<std::string, std::string>("w", "1", [](Context& run, const std::string&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("ok", Subject{"s"}, {}));
    return decision.approved ? "yes by " + decision.decided_by : "no";
  });
  auto parked = me.engine.run("w", Json("in"));
  ASSERT_TRUE(parked);
  std::thread person([&] {
    auto other = SqliteJournal::open(folder.path("journal.db"));
    std::this_thread::sleep_for(milliseconds(30));
    EXPECT_TRUE((*other)->decide(parked->open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"}));
  });
  auto ended = me.engine.drive_to_end(parked->run.id, milliseconds(10'000));
  person.join();
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended->output, Json("yes by ann"));
}

TEST(Processes, ACancelOfAnotherProcessStopsTheStepInFlight) {
  const TestFolder folder;
  Process me(folder), other(folder);
  bool stopped = false;
  const Activity<std::string, std::string> slow{.effect = Effect::read, .act = [&](StepContext& step, const std::string&) -> Result<std::string> {
                                                  EXPECT_TRUE(other.engine.cancel(me.journal->runs({})->front().id, "ann", "enough"));
                                                  me.clock.sleep(milliseconds(60'000), step.cancelled);
                                                  stopped = step.cancelled.stop_requested();
                                                  return Error{ErrorKind::cancelled, "E0118", "stopped", "", 0};
                                                }};
  me.engine.add<std::string, std::string>("w", "1", [&](Context& run, const std::string& in) { return run.step("slow", slow, in); });
  auto state = me.engine.run("w", Json("in"));
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->status(), RunStatus::cancelled);
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace sluice::sim
