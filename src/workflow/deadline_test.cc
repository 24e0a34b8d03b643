#include "workflow/engine_test_base.h"

// A run's own deadline beside effects that may or may not have happened: those are asked about, never counted as failed.
namespace sluice {
namespace {

struct Death {};
constexpr milliseconds kDeadline{5'000}, kLong{1'000'000};

class DeadlineTest : public EngineTest, public testing::WithParamInterface<Effect> {
 protected:
  /// An effect that may have happened when its call fails, and the deadline passes meanwhile.
  Activity<In, std::string> late(Effect effect, bool known_failed = false) {
    return {.effect = effect, .act = [this, known_failed](StepContext& step, const In&) -> Result<std::string> {
              ++calls_;
              clock_.pass(kDeadline);
              step.known_failed = known_failed;
              return Error{ErrorKind::timeout, "E0999", "no answer", "", 0};
            }};
  }
  RunState run_step(const Activity<In, std::string>& activity) {
    add([&activity](Context& run, const In& in) { return run.step("act", activity, in); });
    return run({.timeout = kDeadline});
  }
  void expect_asked(const RunState& state) {
    ASSERT_EQ(state.status(), RunStatus::unknown) << state.run.reason;
    EXPECT_EQ(state.error->code, "E0114");
    EXPECT_EQ(state.open_approvals.size(), 1U);
    EXPECT_FALSE(state.due) << "the deadline is over: looking again would find nothing new";
    clock_.pass(kLong);
    EXPECT_EQ(drive(state.run.id).status(), RunStatus::unknown);
    EXPECT_EQ(calls_, 1);
  }
  int calls_ = 0;
};

TEST_P(DeadlineTest, AnUnclearCallIsAskedAbout) {
  const auto act = late(GetParam());
  expect_asked(run_step(act));
}

TEST_P(DeadlineTest, SoIsOneThatACrashCutOff) {
  const Activity<In, std::string> deadly{.effect = GetParam(), .act = [&](StepContext&, const In&) -> Result<std::string> {
                                           ++calls_;
                                           throw Death{};  // NOLINT(bugprone-std-exception-baseclass): nothing may catch it
                                         }};
  EXPECT_THROW(run_step(deadly), Death);
  clock_.pass(kLong);
  restart();
  add([&](Context& run, const In& in) { return run.step("act", deadly, in); });
  expect_asked(drive(journal_.runs({})->front().id));
}

TEST_P(DeadlineTest, AndThenTheAnswerCounts) {
  const auto act = late(GetParam());
  RunState state = run_step(act);
  decide(state, {.action = DecisionAction::refine, .edited = "\"it did\""});
  EXPECT_EQ(*drive(state.run.id).output, Json("it did"));
  state = run_step(act);
  decide(state, {.action = DecisionAction::reject});
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0114");
  state = run_step(act);
  decide(state, {.action = DecisionAction::approve});
  clock_.pass(kLong);
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0119") << "it did not happen, and there is no time to do it again";
  EXPECT_EQ(calls_, 3);
}

INSTANTIATE_TEST_SUITE_P(Effects, DeadlineTest, testing::Values(Effect::at_most_once, Effect::keyed, Effect::reconcile),
                         [](const auto& chosen) { return std::string(enum_name(chosen.param)); });

TEST_F(DeadlineTest, AKeyedCallThatWaitsForItsRetryIsAskedAbout) {
  const Activity<In, std::string> put{.effect = Effect::keyed, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                        ++calls_;
                                        return Error{ErrorKind::transient, "E0999", "lost", "", 60'000};
                                      }};
  const RunState state = run_step(put);
  ASSERT_EQ(state.status(), RunStatus::parked);
  clock_.pass(kDeadline);
  expect_asked(drive(state.run.id));
}

TEST_F(DeadlineTest, WhatCanBeFoundIsNotAskedAbout) {
  auto job = late(Effect::reconcile);
  job.find = [&](StepContext& step, const In&) -> Result<std::optional<std::string>> {
    EXPECT_GT(step.deadline, clock_.steady()) << "looking has its own time";
    return std::optional<std::string>("found");
  };
  EXPECT_EQ(*run_step(job).output, Json("found"));
  job.find = [](StepContext&, const In&) -> Result<std::optional<std::string>> { return std::optional<std::string>{}; };
  EXPECT_EQ(run_step(job).status(), RunStatus::unknown) << "it may still show up";
}

TEST_F(DeadlineTest, EndsWhatLeavesNoTraceAndWhatIsKnownToHaveFailed) {
  const auto read = late(Effect::read), refused = late(Effect::keyed, true);
  for (const auto* activity : {&read, &refused}) {
    const RunState state = run_step(*activity);
    EXPECT_EQ(state.status(), RunStatus::failed);
    EXPECT_EQ(state.error->code, "E0119");
  }
}

/// Beside it, another branch only waits, and the deadline ends it.
class DeadlineOfBranchesTest : public DeadlineTest {
 protected:
  DeadlineOfBranchesTest() {
    options_.at_once = [](const auto& tasks) {
      for (const auto& task : tasks) task();
    };
    restart();
  }
  RunState run_beside(const Activity<In, std::string>& activity) {
    add([&activity](Context& run, const In& in) -> Result<std::string> {
      const auto act = [&](Context& branch) { return branch.step("act", activity, in); };
      const auto wait = [](Context& branch) { return branch.signal<std::string>("go"); };
      TRY(const auto both, run.parallel("fan", {},
                                        Branch{"nested",
                                               [&](Context& branch) -> Result<std::string> {
                                                 TRY(const auto inner, branch.parallel("inner", {}, Branch{"act", act}, Branch{"wait", wait}));
                                                 return std::get<0>(inner);
                                               }},
                                        Branch{"wait", wait}));
      return std::get<0>(both);
    });
    return run({.timeout = kDeadline});
  }
  Activity<In, std::string> lost(Effect effect, int retry_after_ms) {
    return {.effect = effect, .act = [this, retry_after_ms](StepContext&, const In&) -> Result<std::string> {
              ++calls_;
              return Error{ErrorKind::transient, "E0999", "lost", "", retry_after_ms};
            }};
  }
};

TEST_F(DeadlineOfBranchesTest, EndsNoneThatIsAskedAbout) {
  const auto send = lost(Effect::at_most_once, 0);
  RunState state = run_beside(send);
  ASSERT_EQ(state.status(), RunStatus::unknown);
  clock_.pass(kLong);
  expect_asked(drive(state.run.id));
  decide(drive(state.run.id), {.action = DecisionAction::refine, .edited = "\"it did\""});
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0119") << "nothing is in doubt any more";
}

TEST_F(DeadlineOfBranchesTest, EndsNoneThatWaitsForItsRetry) {
  const auto put = lost(Effect::keyed, 60'000);
  const RunState state = run_beside(put);
  ASSERT_EQ(state.status(), RunStatus::parked);
  clock_.pass(kDeadline);
  expect_asked(drive(state.run.id));
}

/// The deadline passes after one branch came to its wait, and before the other one did.
TEST_F(DeadlineOfBranchesTest, EndsNoneThatCameToWaitBeforeIt) {
  const auto put = lost(Effect::keyed, 60'000);
  const auto slow = late(Effect::read);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const auto both, run.parallel("fan", {}, Branch{"act", [&](Context& branch) { return branch.step("act", put, in); }},
                                      Branch{"look", [&](Context& branch) { return branch.step("look", slow, in); }}));
    return std::get<0>(both);
  });
  const RunState state = run({.timeout = kDeadline});
  EXPECT_EQ(calls_, 2);
  calls_ = 1;
  expect_asked(state);
}

}  // namespace
}  // namespace sluice
