#include <set>

#include "workflow/engine_test_base.h"

// Dry executions: how far a history would be followed, with nothing written and nothing called.
namespace sluice {
namespace {

using Text = Result<std::string>;
constexpr milliseconds kSoon{1'000};

class PreflightTest : public EngineTest {
 protected:
  int left_calls_ = 0, right_calls_ = 0;
  const Activity<In, std::string> left_ = counted(left_calls_), right_ = counted(right_calls_);
};

TEST_F(PreflightTest, SaysWhereARunWouldGoOnAndWritesAndCallsNothing) {
  const auto workflow = [&](Context& run, const In& in) -> Text {
    TRY(const std::string seen, run.step("look", left_, in));
    TRY(auto decision, run.wait_for_approval("ok", Subject{seen, 1}, {}));
    return run.step("after", right_, seen);
  };
  add(workflow);
  const RunState state = run();
  auto report = engine_->preflight(state.run.id);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->problem);
  EXPECT_EQ(report->at, "ok");
  decide(state, {.action = DecisionAction::approve});
  ASSERT_EQ(drive(state.run.id).status(), RunStatus::done);
  const RunInfo before = *journal_.run(state.run.id);
  report = engine_->preflight(state.run.id);
  EXPECT_FALSE(report->problem);
  EXPECT_EQ(report->at, "");
  EXPECT_EQ(journal_.run(state.run.id)->head_seq, before.head_seq);
  EXPECT_EQ(left_calls_ + right_calls_, 2);
}

/// Stops working after so many appends, as where its process dies.
struct CutOffJournal : MemoryJournal {
  using MemoryJournal::MemoryJournal;
  Result<Appended> append(const Append& what) override {
    if (appends_left == 0) return Error{ErrorKind::storage, "E0201", "it is away", "", 0};
    --appends_left;
    return MemoryJournal::append(what);
  }
  int appends_left = 0;
};

TEST_F(PreflightTest, WritesNoEndOfBranchesThatAreThrough) {
  const auto act = counted(left_calls_, Effect::keyed);
  const auto workflow = [&](Context& run, const In& in) -> Text {
    const auto put = [&](Context& branch) { return branch.step("put", act, in); };
    TRY_VOID(run.parallel("one", {.deadline = kSoon}, Branch{"a", put}));
    TRY_VOID(run.parallel("two", {}, Branch{"a", put}));
    TRY_VOID(run.parallel("three", {.deadline = kSoon}, Branch{"a", put}));
    return std::string("end");
  };
  constexpr int kAppends = 12;  // more than it has
  std::set<std::string> ends;
  for (int appends = 0; appends < kAppends; ++appends) {
    CutOffJournal journal([this] { return clock_.now(); });
    journal.appends_left = appends;
    for (const bool dies : {true, false}) {
      Engine engine({journal, artifacts_, clock_, random_}, options_);
      engine.add<In, std::string>("w", "1", workflow);
      if (dies) {
        [[maybe_unused]] const auto cut = engine.run("w", Json("in"));
        continue;
      }
      const RunInfo before = journal.runs({})->front();
      journal.appends_left = kAppends;
      const auto report = engine.preflight(before.id);
      ASSERT_TRUE(report);
      EXPECT_FALSE(report->problem);
      EXPECT_EQ(journal.run(before.id)->head_seq, before.head_seq) << "it goes on at " << report->at;
      ends.insert(report->at);
    }
  }
  EXPECT_EQ(ends, (std::set<std::string>{"", "one", "one#a/put", "two#a/put", "three", "three#a/put"}));
}

TEST_F(PreflightTest, FindsDriftAndMissingVersions) {
  add([&](Context& run, const In& in) -> Text {
    TRY_VOID(run.step("look", left_, in));
    return run.signal<std::string>("go");
  });
  const RunState state = run();
  restart();
  EXPECT_EQ(engine_->preflight(state.run.id)->problem->code, "E0103");
  add([&](Context& run, const In& in) -> Text {
    TRY_VOID(run.step("look", left_, in + " more"));
    return run.signal<std::string>("go");
  });
  const auto report = engine_->preflight(state.run.id);
  ASSERT_TRUE(report->problem);
  EXPECT_EQ(report->problem->code, "E0112");
  EXPECT_NE(report->problem->message.find("recorded \"in\", now \"in more\""), std::string::npos) << report->problem->message;
  EXPECT_EQ(journal_.run(state.run.id)->status, RunStatus::parked);
  EXPECT_EQ(left_calls_, 1);
}

}  // namespace
}  // namespace sluice
