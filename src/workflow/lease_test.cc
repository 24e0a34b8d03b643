#include "workflow/lease.h"

#include <condition_variable>
#include <thread>

#include "workflow/claims.h"
#include "workflow/engine_test_base.h"

namespace sluice {
namespace {
using workflow_detail::kLeaseMargin;
using workflow_detail::Lease;
using workflow_detail::Leases;

constexpr milliseconds kLength{12'000};

TEST(Lease, EndsHereBeforeItCanHaveEndedThere) {
  FakeClock clock;
  Lease lease({"n"}, clock, kLength, clock.boot_time());
  clock.pass(kLength - kLeaseMargin - milliseconds(1));
  EXPECT_TRUE(lease.is_certain());
  lease.prolonged(clock.boot_time());
  clock.pass(kLength - kLeaseMargin);
  EXPECT_FALSE(lease.is_certain());
}

TEST(Lease, IsReckonedFromBeforeTheCall) {
  FakeClock clock;
  Lease lease({"n"}, clock, kLength, clock.boot_time());
  clock.pass(milliseconds(6'000));
  const Lease::Time begun = lease.now();
  clock.pass(milliseconds(3'000));  // the journal takes its time
  lease.prolonged(begun);
  clock.pass(milliseconds(6'999));
  EXPECT_TRUE(lease.is_certain());
  clock.pass(milliseconds(1));
  EXPECT_FALSE(lease.is_certain());
}

TEST(Lease, ALateHeartbeatDoesNotMendAGap) {
  FakeClock clock;
  Lease stopped({"n"}, clock, kLength, clock.boot_time());
  clock.pass(milliseconds(40'000));      // SIGSTOP
  stopped.prolonged(clock.boot_time());  // the first thing that it does is beat
  EXPECT_FALSE(stopped.is_certain());

  Lease slow({"m"}, clock, kLength, clock.boot_time());
  clock.pass(milliseconds(9'999));
  const Lease::Time begun = slow.now();
  clock.pass(milliseconds(5'000));  // confirmed only after it had ended: when it took effect, nobody knows
  slow.prolonged(begun);
  EXPECT_FALSE(slow.is_certain());
}

TEST(Leases, AClaimIsNotCountedAsAHeartbeat) {
  FakeClock clock;
  MemoryJournal journal([&] { return clock.now(); });
  Leases leases(journal, clock, milliseconds(0));
  workflow_detail::Claims claims(journal, leases);
  for (const char* id : {"r-1", "r-2", "r-3"}) ASSERT_TRUE(journal.create_run({.id = {id}, .name = "w", .code_version = "1"}));
  const auto first = claims.one({"r-1"});
  ASSERT_TRUE(first);
  clock.pass(milliseconds(14'000));  // more than half is left: the journal need not prolong it
  ASSERT_TRUE(claims.one({"r-2"}));
  EXPECT_EQ(claims.due({.queues = {{}}, .versions = {{"w", "1"}}, .limit = 1})->size(), 1U);
  clock.pass(milliseconds(16'000));
  EXPECT_TRUE(journal.run({"r-1"})->owner_dead);
  EXPECT_FALSE(first->lease->is_certain());
}

TEST(Leases, AnotherNodeAfterALapseAndTheOldOneIsGivenBackWhenNobodyHoldsIt) {
  FakeClock clock;
  MemoryJournal journal([&] { return clock.now(); });
  Leases leases(journal, clock, milliseconds(0));
  auto first = leases.hold();
  const NodeId node = (*first)->node();
  RunId id{"r-1"};
  ASSERT_TRUE(journal.create_run({.id = id, .name = "w", .code_version = "1", .claim_by = node}));
  clock.pass(milliseconds(29'000));
  auto second = leases.hold();
  EXPECT_NE((*second)->node(), node);
  leases.release_unused();
  EXPECT_FALSE(journal.run(id)->owner_dead) << "what is still held may have calls in flight";
  first = Error::bug("let go");
  leases.release_unused();
  EXPECT_TRUE(journal.run(id)->owner_dead);
}

TEST(Leases, BeatsWhatIsHeldFourTimesInALease) {
  struct Counting : MemoryJournal {
    using MemoryJournal::MemoryJournal;
    Result<> heartbeat(const NodeId& node) override {
      ++beats;
      return MemoryJournal::heartbeat(node);
    }
    int beats = 0;
  };
  FakeClock clock;
  Counting journal([&] { return clock.now(); });
  Leases leases(journal, clock, milliseconds(0));
  auto held = leases.hold();
  for (int n = 0; n < 600; ++n) {
    clock.pass(milliseconds(100));
    ASSERT_TRUE(leases.beat());
  }
  EXPECT_TRUE((*held)->is_certain());
  EXPECT_EQ(journal.beats, 8);
  held = Error::bug("let go");
  clock.pass(milliseconds(10'000));
  ASSERT_TRUE(leases.beat());
  EXPECT_EQ(journal.beats, 8) << "nobody needs it";
}

/// An engine over a journal whose clock and failures are in the test's hands.
class LeaseGuardTest : public EngineTest {
 protected:
  Activity<In, std::string> effect(int& calls, Effect kind = Effect::at_most_once) { return counted(calls, kind); }
  Activity<In, std::string> sleeping(milliseconds duration) {
    return {.effect = Effect::read, .act = [this, duration](StepContext&, const In& in) -> Result<std::string> {
              clock_.pass(duration);
              return in;
            }};
  }
};

TEST_F(LeaseGuardTest, AProcessThatWakesAfterItsLeaseBeginsNoEffect) {
  int calls = 0;
  milliseconds stopped{31'000};
  const auto look = Activity<In, std::string>{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                                clock_.pass(std::exchange(stopped, milliseconds(0)));
                                                return in;
                                              }};
  const auto send = effect(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string seen, run.step("look", look, in));
    return run.step("send", send, seen);
  });
  const auto lost = engine_->run("w", Json("in"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, "E0136");
  EXPECT_EQ(calls, 0);
  const RunId id = journal_.runs({})->front().id;
  EXPECT_EQ(count(id, EventType::step_started), 0) << "nothing is written";
  EXPECT_EQ(drive(id).status(), RunStatus::done) << "the next claim goes on";
  EXPECT_EQ(calls, 1);
}

TEST_F(LeaseGuardTest, WhatHappenedIsWrittenWhileNobodyElseHasTheRun) {
  int calls = 0;
  const Activity<In, std::string> send{.effect = Effect::at_most_once, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                         ++calls;
                                         clock_.pass(milliseconds(31'000));
                                         return in;
                                       }};
  add([&](Context& run, const In& in) { return run.step("send", send, in); });
  EXPECT_EQ(engine_->run("w", Json("in")).error().code, "E0136");
  const RunId id = journal_.runs({})->front().id;
  EXPECT_EQ(count(id, EventType::step_completed), 1) << "else a person would have to say whether it happened";
  EXPECT_EQ(count(id, EventType::finished), 0);
  EXPECT_EQ(drive(id).status(), RunStatus::done);
  EXPECT_EQ(calls, 1);
}

TEST_F(LeaseGuardTest, ALateHeartbeatLetsNoEffectBegin) {
  int calls = 0;
  const auto look = Activity<In, std::string>{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                                clock_.pass(milliseconds(31'000));
                                                EXPECT_TRUE(engine_->watch_once()) << "its watching thread wakes first";
                                                return in;
                                              }};
  const auto send = effect(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string seen, run.step("look", look, in));
    return run.step("send", send, seen);
  });
  EXPECT_EQ(engine_->run("w", Json("in")).error().code, "E0136");
  EXPECT_EQ(calls, 0);
}

TEST_F(LeaseGuardTest, HeartbeatsKeepALongRunGoing) {
  int calls = 0;
  const auto look = Activity<In, std::string>{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                                for (int n = 0; n < 100; ++n) {
                                                  clock_.pass(milliseconds(1'000));
                                                  EXPECT_TRUE(engine_->watch_once());
                                                }
                                                return in;
                                              }};
  const auto send = effect(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string seen, run.step("look", look, in));
    return run.step("send", send, seen);
  });
  EXPECT_EQ(run().status(), RunStatus::done);
  EXPECT_EQ(calls, 1);
}

/// Its appends take as long as the test says.
struct SlowJournal : MemoryJournal {
  SlowJournal(FakeClock& its_clock) : MemoryJournal([&its_clock] { return its_clock.now(); }), clock(its_clock) {}
  Result<Appended> append(const Append& append) override {
    auto answer = MemoryJournal::append(append);
    if (!append.events.empty() && append.events.back().type == EventType::step_started) clock.pass(intents_take);
    return answer;
  }
  Result<> heartbeat(const NodeId& node) override {
    if (!beating) return Error{ErrorKind::storage, "E0201", "the journal is away", "wait", 0};
    return MemoryJournal::heartbeat(node);
  }
  FakeClock& clock;
  milliseconds intents_take{0};
  bool beating = true;
};

TEST_F(LeaseGuardTest, AnIntentThatTookTooLongIsNotActedUpon) {
  for (const Effect kind : {Effect::keyed, Effect::reconcile, Effect::at_most_once}) {
    SlowJournal slow(clock_);
    slow.intents_take = milliseconds(29'000);
    Engine engine({slow, artifacts_, clock_, random_}, options_);
    int calls = 0;
    const auto send = effect(calls, kind);
    engine.add<In, std::string>("w", "1", [&](Context& run, const In& in) { return run.step("send", send, in); });
    EXPECT_EQ(engine.run("w", Json("in")).error().code, "E0136");
    EXPECT_EQ(calls, 0) << enum_name(kind);
  }
}

TEST_F(LeaseGuardTest, WithoutHeartbeatsCallsInFlightAreStoppedInTime) {
  SlowJournal silent(clock_);
  silent.beating = false;
  Engine engine({silent, artifacts_, clock_, random_}, options_);
  int calls = 0;
  const auto send = effect(calls);
  const auto look = Activity<In, std::string>{.effect = Effect::read, .act = [&](StepContext& step, const In& in) -> Result<std::string> {
                                                for (int n = 0; n < 60 && !step.cancelled.stop_requested(); ++n) {
                                                  clock_.pass(milliseconds(1'000));
                                                  [[maybe_unused]] const auto watched = engine.watch_once();
                                                }
                                                EXPECT_TRUE(step.cancelled.stop_requested());
                                                EXPECT_FALSE(silent.runs({})->front().owner_dead) << "nobody else can have begun yet";
                                                return in;
                                              }};
  engine.add<In, std::string>("w", "1", [&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string seen, run.step("look", look, in));
    return run.step("send", send, seen);
  });
  EXPECT_EQ(engine.run("w", Json("in")).error().code, "E0136");
  EXPECT_EQ(calls, 0);
}

TEST_F(LeaseGuardTest, ABranchIsGuardedToo) {
  int calls = 0;
  const auto look = sleeping(milliseconds(31'000));
  const auto send = effect(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const auto both, run.parallel("both", {}, Branch{"a", [&](Context& branch) -> Result<std::string> {
                                                           TRY(const std::string seen, branch.step("look", look, in));
                                                           return branch.step("send", send, seen);
                                                         }}));
    return std::get<0>(both);
  });
  EXPECT_EQ(engine_->run("w", Json("in")).error().code, "E0136");
  EXPECT_EQ(calls, 0);
}

constexpr std::chrono::seconds kPatience{20};  // of a test that fails

/// A journal that keeps heartbeats waiting until the test lets go.
struct HangingJournal : MemoryJournal {
  using MemoryJournal::MemoryJournal;
  Result<> heartbeat(const NodeId& node) override {
    std::unique_lock lock(mutex);
    hangs = true;
    changed.notify_all();
    changed.wait(lock, [this] { return released; });
    return MemoryJournal::heartbeat(node);
  }
  bool wait_until_it_hangs() {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [this] { return hangs; });
  }
  void release() {
    const std::scoped_lock lock(mutex);
    released = true;
    changed.notify_all();
  }
  std::mutex mutex{};
  std::condition_variable changed{};
  bool hangs = false, released = false;
};

TEST_F(LeaseGuardTest, AHeartbeatThatHangsDoesNotKeepTheGuardFromStoppingCalls) {
  HangingJournal journal([this] { return clock_.now(); });
  const milliseconds lasts = journal.lease() - kLeaseMargin;
  // The engine's own threads: were they one, nobody would guard. What time it is they learn from the test alone, however late they come.
  Engine engine({journal, artifacts_, clock_, random_}, {.watch_interval = milliseconds(1)});
  bool hung = false, stopped = false, in_time = false;
  const Activity<In, std::string> look{.effect = Effect::read, .act = [&](StepContext& step, const In& in) -> Result<std::string> {
                                         clock_.pass(lasts - milliseconds(1));
                                         hung = journal.wait_until_it_hangs();
                                         EXPECT_FALSE(step.cancelled.stop_requested());
                                         clock_.pass(milliseconds(1));
                                         std::mutex mutex;
                                         std::condition_variable_any waiting;
                                         std::unique_lock lock(mutex);
                                         waiting.wait_for(lock, step.cancelled, kPatience, [] { return false; });
                                         stopped = step.cancelled.stop_requested();
                                         in_time = !journal.runs({})->front().owner_dead;
                                         return in;
                                       }};
  engine.add<In, std::string>("w", "1", [&](Context& run, const In& in) { return run.step("look", look, in); });
  EXPECT_EQ(engine.run("w", Json("in")).error().code, "E0136");
  EXPECT_TRUE(hung && stopped);
  EXPECT_TRUE(in_time) << "before the lease ended in the journal";
  journal.release();
}

TEST_F(LeaseGuardTest, WhatAnEngineLostItsWatchersMayTakeAgain) {
  int calls = 0;
  milliseconds stopped{31'000};
  const auto look = Activity<In, std::string>{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                                ++calls;
                                                clock_.pass(std::exchange(stopped, milliseconds(0)));
                                                return in;
                                              }};
  add([&](Context& run, const In& in) { return run.step("look", look, in); });
  const RunId id = *engine_->start("w", Json("in"));
  auto claimed = engine_->claim_due({{}}, 5);
  ASSERT_EQ(claimed->size(), 1U);
  EXPECT_EQ(engine_->execute_claimed(claimed->front()).error().code, "E0136");
  EXPECT_EQ(engine_->execute_claimed(claimed->front()).error().kind, ErrorKind::bug) << "once";
  ASSERT_TRUE(engine_->watch_once());
  claimed = engine_->claim_due({{}}, 5);
  ASSERT_EQ(claimed->size(), 1U) << "the node that lost it is given back";
  EXPECT_EQ(engine_->execute_claimed(claimed->front())->status(), RunStatus::done);
  EXPECT_EQ(engine_->claim_due({{}}, 5)->size(), 0U);
}

}  // namespace
}  // namespace sluice
