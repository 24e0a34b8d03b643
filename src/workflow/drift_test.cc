#include "workflow/engine_test_base.h"

// What happens when the workflow is not the one that wrote the history.
namespace sluice {
namespace {

TEST_F(EngineTest, DriftInAnInputPausesAndShowsTheDifference) {
  int calls = 0;
  const auto look = counted(calls);
  std::string limit = "10";
  const auto flow = [&](Context& run, const In& in) -> Result<std::string> {
    TRY(std::string a, run.step("look", look, in + limit));
    TRY_VOID(run.wait_for_approval("ok", Subject{a, 1}, {}));
    return a;
  };
  add(flow);
  RunState state = run();
  decide(state, {.action = DecisionAction::approve});
  limit = "20";
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0112");
  EXPECT_NE(state.error->message.find("recorded \"in10\", now \"in20\""), std::string::npos) << state.error->message;
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::paused) << "paused until somebody resumes it";
  limit = "10";
  EXPECT_EQ(drive(state.run.id, {.resume = true}).status(), RunStatus::done);
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, DriftInAnApprovalsSubjectPauses) {
  Subject subject{"SELECT 1", 10};
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("ok", subject, {}));
    return decision.approved ? decision.approved->subject().sql : "no";
  });
  RunState state = run();
  decide(state, {.action = DecisionAction::approve});
  subject.sql = "DROP TABLE t";
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_NE(state.error->message.find("at /sql: recorded \"SELECT 1\", now \"DROP TABLE t\""), std::string::npos) << state.error->message;
}

TEST_F(EngineTest, DriftByARenamedAMissingOrANewStepPauses) {
  int calls = 0;
  const auto look = counted(calls);
  std::vector<std::string> names{"a", "b"};
  add([&](Context& run, const In& in) -> Result<std::string> {
    for (const std::string& name : names) TRY_VOID(run.step(name, look, in));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return in;
  });
  const std::vector<std::vector<std::string>> changes{{"a", "c"}, {"b"}, {"a"}, {"new", "a", "b"}, {"a", "new", "b"}};
  for (const auto& changed : changes) {
    names = {"a", "b"};
    RunState state = run();
    ASSERT_EQ(state.status(), RunStatus::parked);
    clock_.pass(milliseconds(10));
    names = changed;
    const int before = calls;
    state = drive(state.run.id);
    EXPECT_EQ(state.status(), RunStatus::paused) << changed.front();
    EXPECT_EQ(state.error->kind, ErrorKind::drift);
    EXPECT_EQ(calls, before) << "nothing is executed on a history that does not fit";
    names = {"a", "b"};
    EXPECT_EQ(drive(state.run.id, {.resume = true}).status(), RunStatus::done);
  }
}

TEST_F(EngineTest, AnEndBeforeTheHistorysEndIsDrift) {
  int calls = 0;
  const auto look = counted(calls);
  bool shorter = false;
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY_VOID(run.step("a", look, in));
    if (shorter) return in;
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return in;
  });
  RunState state = run();
  shorter = true;
  clock_.pass(milliseconds(10));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_NE(state.error->message.find("\"nap\""), std::string::npos);
}

/// A branch with and without more at its end, in a run that has been past it.
class BranchDrift : public EngineTest, public testing::WithParamInterface<milliseconds> {
 protected:
  using Text = Result<std::string>;
  using More = std::function<Text(Context&, const std::string&)>;
  BranchDrift() {
    options_.at_once = [](const auto& tasks) {
      for (const auto& task : tasks) task();
    };
    restart();
  }
  /// `more` comes at the end of the inner branch; `after`, `within` and `go` are what the history holds of the time after it.
  void add_flow(const More& more) {
    add([this, more](Context& run, const In& in) -> Text {
      const auto inner = [&](Context& branch) -> Text {
        TRY(const std::string seen, branch.step("look", look_, in));
        return more(branch, seen);
      };
      const auto outer = [&](Context& branch) -> Text {
        TRY(const auto all, branch.parallel("inner", {}, Branch{"x", inner}));
        TRY(const std::string x, std::get<0>(all));
        return within_ ? branch.step("within", look_, x) : x;
      };
      const auto waits = [&](Context& branch) -> Text { return in_fan_ ? branch.signal<std::string>("go") : "nothing"; };
      TRY(const auto all, run.parallel("fan", {.deadline = GetParam()}, Branch{"l", outer}, Branch{"r", waits}));
      TRY(const std::string made, std::get<0>(all));
      if (after_) TRY_VOID(run.step("after", look_, in));
      if (!in_fan_) TRY_VOID(run.signal<std::string>("go"));
      return made;
    });
  }
  void go(const RunState& state) { ASSERT_TRUE(journal_.send(state.run.id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")})); }
  const More nothing_ = [](Context&, const std::string& seen) -> Text { return seen; };
  const More effect_ = [this](Context& branch, const std::string& seen) { return branch.step("put", put_, seen); };
  bool within_ = false, after_ = false, in_fan_ = false;
  int looks_ = 0, puts_ = 0;
  const Activity<In, std::string> look_ = counted(looks_), put_ = counted(puts_, Effect::keyed);
};

TEST_P(BranchDrift, NothingIsDoneInABranchThatTheRunHasBeenPast) {
  for (const auto& [within, after] : {std::pair(true, false), std::pair(false, true), std::pair(true, true), std::pair(false, false)}) {
    within_ = within;
    after_ = after;
    for (const milliseconds passed : {milliseconds(0), 2 * GetParam()}) {
      const bool in_fan = within && !after && passed.count() == 0;  // what comes after the inner branch is itself in a branch that goes on
      in_fan_ = in_fan;
      add_flow(nothing_);
      const RunState state = run();
      ASSERT_EQ(state.status(), RunStatus::parked) << state.run.reason;
      // The history knows that the branch is over: by its deadline's end, or by what came after it.
      if (GetParam().count() == 0 && !after && !within) continue;
      add_flow(effect_);
      clock_.pass(passed);
      go(state);
      const auto report = engine_->preflight(state.run.id);
      ASSERT_TRUE(report->problem) << within << after;
      EXPECT_EQ(report->problem->code, "E0112");
      const RunState paused = drive(state.run.id);
      EXPECT_EQ(paused.status(), RunStatus::paused) << within << after;
      EXPECT_NE(paused.run.reason.find("fan#l/inner#x/put"), std::string::npos) << paused.run.reason;
      EXPECT_EQ(puts_, 0);
      add_flow(nothing_);
      EXPECT_EQ(*drive(state.run.id, {.resume = true}).output, Json("in!" + std::string(within ? "!" : "")));
    }
  }
}

TEST_P(BranchDrift, AVersionInABranchThatTheRunHasBeenPastIsTheOldOne) {
  after_ = true;
  add_flow(nothing_);
  const RunState old = run();
  add_flow([&](Context& branch, const std::string& seen) -> Text {
    TRY(const int version, branch.version("more", 1));
    if (version == 1) return branch.step("put", put_, seen);
    return seen + " version " + std::to_string(version);
  });
  clock_.pass(2 * GetParam());
  go(old);
  EXPECT_EQ(*drive(old.run.id).output, Json("in! version 0"));
  EXPECT_EQ(puts_, 0);
  const RunState fresh_run = run();
  go(fresh_run);
  EXPECT_EQ(*drive(fresh_run.run.id).output, Json("in!!"));
}

TEST_P(BranchDrift, WhatABranchThatIsStillOpenGoesOnWithIsNone) {
  in_fan_ = true;
  add_flow(nothing_);
  const RunState state = run();
  add_flow(effect_);
  go(state);
  EXPECT_EQ(*drive(state.run.id).output, Json("in!!"));
  EXPECT_EQ(puts_, 1);
}

INSTANTIATE_TEST_SUITE_P(Deadlines, BranchDrift, testing::Values(milliseconds(0), milliseconds(1'000)),
                         [](const auto& chosen) { return chosen.param.count() == 0 ? "none" : "one"; });

TEST_F(EngineTest, NewBranchesBeforeWhatIsRecordedAreDrift) {
  int calls = 0;
  const auto look = counted(calls), put = counted(calls, Effect::keyed);
  bool more = false;
  add([&](Context& run, const In& in) -> Result<std::string> {
    if (more) TRY_VOID(run.parallel("fan", {}, Branch{"l", [&](Context& branch) { return branch.step("put", put, in); }}));
    TRY_VOID(run.step("a", look, in));
    return run.signal<std::string>("go");
  });
  const RunState state = run();
  more = true;
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::paused);
  EXPECT_EQ(calls, 1);
}

struct Old {
  std::string text{};
  static constexpr auto fields() { return std::tuple{Field{"text", &Old::text}}; }
};
struct New {
  std::string text{};
  int limit = 5;
  static constexpr auto fields() { return std::tuple{Field{"text", &New::text}, Field{"limit", &New::limit}}; }
};

TEST_F(EngineTest, ANewFieldWithItsDefaultIsNoDrift) {
  int calls = 0;
  const Activity<Old, std::string> before{.effect = Effect::read,
                                          .act = [&](StepContext&, const Old&) -> Result<std::string> { return std::to_string(++calls); }};
  const Activity<New, std::string> after{.effect = Effect::read,
                                         .act = [&](StepContext&, const New&) -> Result<std::string> { return std::to_string(++calls); }};
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY_VOID(run.step("a", before, {"x"}));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return std::string("old");
  });
  const RunState state = run();
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(std::string n, run.step("a", after, {"x"}));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return "new " + n;
  });
  clock_.pass(milliseconds(10));
  EXPECT_EQ(*drive(state.run.id).output, Json("new 1"));
}

TEST_F(EngineTest, VersionsGuardDeliberateChanges) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY_VOID(run.step("a", look, in));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return std::string("old");
  });
  const RunState old = run();
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const int version, run.version("more", 2));
    if (version >= 2) TRY_VOID(run.step("more", look, in));
    TRY_VOID(run.step("a", look, in));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return "version " + std::to_string(version);
  });
  const RunState fresh_run = run();
  clock_.pass(milliseconds(10));
  EXPECT_EQ(*drive(old.run.id).output, Json("version 0"));
  EXPECT_EQ(*drive(fresh_run.run.id).output, Json("version 2"));
}

TEST_F(EngineTest, RefusesUnknownWorkflowsVersionsAndHugeInputs) {
  EXPECT_EQ(engine_->start("none", Json("in")).error().code, "E0103");
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return std::string("x");
  });
  EXPECT_EQ(engine_->start("w", Json(std::string(5'000'000, 'x'))).error().code, "E0124");
  const RunState state = run();
  restart();
  add([](Context&, const In& in) -> Result<std::string> { return in; }, "2");
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::parked) << "whoever only looks sees that it waits";
  auto early = engine_->drive(state.run.id, {.resume = true});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "E0103") << "before anybody decides for nothing";
  clock_.pass(milliseconds(10));
  auto other = engine_->drive(state.run.id);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "E0103");
  EXPECT_NE(other.error().hint.find("sluice runs cancel " + state.run.id.text), std::string::npos) << other.error().hint;
  EXPECT_NE(other.error().message.find("version 1 of workflow \"w\" (it has 2)"), std::string::npos) << other.error().message;
  EXPECT_EQ(engine_->cancel(state.run.id, "ann", "")->status(), RunStatus::cancelled) << "cancelling needs no code";
}

}  // namespace
}  // namespace sluice
