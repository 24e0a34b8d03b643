#include "workflow/fork.h"

#include <gtest/gtest.h>

#include "workflow/engine_test_base.h"

namespace sluice {
namespace {

Activity<In, std::string> proposing(int& calls) {
  Activity<In, std::string> activity = counted(calls);
  activity.proposes = true;
  return activity;
}

/// propose, prove, ask, execute: the shape of `ask`, in the real engine.
class ForkTest : public EngineTest {
 protected:
  ForkTest() {
    add([this](Context& run, const In& in) { return work(run, in); });
  }

  Result<std::string> work(Context& run, const In& in) {
    for (int n = 0; n < 3; ++n) {
      Context round = run.scope("round", n);
      TRY(const std::string proposal, round.step("propose", propose_, in + std::to_string(n)));
      TRY(const std::string proof, round.step("prove", prove_, proposal));
      TRY(const auto decision, round.wait_for_approval("run this", Subject{.sql = proof}, {}));
      if (decision.approved) return round.step("execute", execute_, *decision.approved);
      if (!decision.refine) return std::string("rejected");
    }
    return std::string("enough");
  }

  std::vector<EventInfo> events(const RunId& id) {
    auto found = journal_.events(id);
    return found ? *found : std::vector<EventInfo>();
  }
  ForkPlan planned(const RunId& id, const std::string& step) {
    const auto path = find_step(id, events(id), step);
    EXPECT_TRUE(path) << path.error().message;
    auto plan = plan_fork(id, events(id), path ? *path : "");
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *plan : ForkPlan{};
  }
  RunState forked(const RunId& from, const ForkPlan& plan) {
    const auto fork = engine_->fork({.from = from, .keep_seq = plan.keep_seq, .last = plan.last, .labels = Json::object(), .by = "ann"});
    EXPECT_TRUE(fork) << fork.error().message;
    return fork ? drive(fork->run.id) : RunState{};
  }
  void yes(const RunState& state) { decide(state, {.action = DecisionAction::approve}); }
  int executed_ = 0, proposed_ = 0, proved_ = 0;
  Activity<In, std::string> propose_ = proposing(proposed_), prove_ = counted(proved_);
  Activity<Approved<Subject>, std::string> execute_{.effect = Effect::read,
                                                    .act = [this](StepContext&, const Approved<Subject>& yes) -> Result<std::string> {
                                                      ++executed_;
                                                      return "ran " + yes.subject().sql;
                                                    }};
};

TEST_F(ForkTest, AStepIsNamedByItsPathOrItsEnd) {
  const RunState waiting = run();
  decide(waiting, {.action = DecisionAction::refine, .feedback = "other"});
  drive(waiting.run.id);
  const RunId id = waiting.run.id;
  EXPECT_EQ(*find_step(id, events(id), "round[1]/prove"), "round[1]/prove");
  const auto two = find_step(id, events(id), "prove");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, "E0127");
  EXPECT_NE(two.error().message.find("2 steps"), std::string::npos) << two.error().message;
  const auto none = find_step(id, events(id), "prvoe");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "E0127");
  EXPECT_NE(none.error().message.find("did you mean \"prove\""), std::string::npos) << none.error().message;
  EXPECT_FALSE(find_step(id, events(id), "ove"));  // only whole names
  EXPECT_FALSE(find_step(id, events(id), ""));
}

TEST_F(ForkTest, KeepsWhatCameBeforeTheStep) {
  const RunState waiting = run();
  yes(waiting);
  const RunState done = drive(waiting.run.id);
  ASSERT_EQ(done.status(), RunStatus::done);
  const ForkPlan plan = planned(waiting.run.id, "prove");
  EXPECT_EQ(plan.keep_seq, 2);
  EXPECT_TRUE(plan.moved.empty());
  const RunState fork = forked(waiting.run.id, plan);
  EXPECT_EQ(fork.status(), RunStatus::parked);
  EXPECT_EQ(proposed_, 1);  // recorded
  EXPECT_EQ(proved_, 2);    // anew
  yes(fork);
  EXPECT_EQ(*drive(fork.run.id).output, *done.output);
  EXPECT_EQ(executed_, 2);  // once for each run, each with a yes of its own
}

TEST_F(ForkTest, AYesOfAnotherRunIsAskedForAgain) {
  const RunState waiting = run();
  yes(waiting);
  // Approved, and not executed: its process died.
  const ForkPlan before = planned(waiting.run.id, "run this");
  const RunState first = forked(waiting.run.id, before);
  ASSERT_EQ(first.status(), RunStatus::parked);
  EXPECT_NE(first.open_approvals.front(), waiting.open_approvals.front());
  EXPECT_EQ(executed_, 0);

  ASSERT_EQ(drive(waiting.run.id).status(), RunStatus::done);
  EXPECT_EQ(executed_, 1);
  const ForkPlan plan = planned(waiting.run.id, "execute");
  EXPECT_EQ(plan.keep_seq, 3);  // neither the question nor the yes
  ASSERT_EQ(plan.moved.size(), 1U);
  EXPECT_NE(plan.moved.front().find("run this"), std::string::npos);
  const RunState fork = forked(waiting.run.id, plan);
  EXPECT_EQ(fork.status(), RunStatus::parked);
  EXPECT_EQ(executed_, 1);
  yes(fork);
  EXPECT_EQ(drive(fork.run.id).status(), RunStatus::done);
  EXPECT_EQ(executed_, 2);
}

/// Where nobody moved the cut, the journal still lets no yes be spent by another run.
TEST_F(ForkTest, TheJournalRefusesAYesOfAnotherRun) {
  for (const bool used : {false, true}) {
    SCOPED_TRACE(used);
    const RunState open = run();
    yes(open);
    if (used) drive(open.run.id);
    const int before = executed_;
    const RunState fork = forked(open.run.id, {.keep_seq = used ? 5 : 4});
    EXPECT_EQ(executed_, before);
    EXPECT_EQ(fork.status(), RunStatus::failed);
    ASSERT_TRUE(fork.error);
    EXPECT_EQ(fork.error->code, "E0113");
  }
}

TEST_F(ForkTest, AWaitThatIsNotDecidedIsAskedAnew) {
  const RunState waiting = run();
  decide(waiting, {.action = DecisionAction::refine, .feedback = "other"});
  const RunState second = drive(waiting.run.id);
  const ForkPlan plan = planned(waiting.run.id, "round[1]/run this");
  EXPECT_TRUE(plan.moved.empty());  // the first round's decision was no yes: it is history
  const RunState fork = forked(waiting.run.id, plan);
  ASSERT_EQ(fork.open_approvals.size(), 1U);
  EXPECT_NE(fork.open_approvals, second.open_approvals);
  EXPECT_EQ(count(fork.run.id, EventType::approval_decided), 1);
}

TEST_F(ForkTest, GoesOnBehindBranchesThatWereGivenUp) {
  add([this](Context& run, const In& in) -> Result<std::string> {
    const auto asks = [&](Context& branch) -> Result<std::string> {
      TRY(const auto decision, branch.wait_for_approval("ok", Subject{in, 1}, {}));
      return std::string(decision.approved ? "yes" : "no");
    };
    TRY_VOID(run.parallel("fan", {.deadline = milliseconds(1'000)}, Branch{"asks", asks}));
    TRY(const std::string first, run.step("first", prove_, in));
    return run.step("second", prove_, first);
  });
  const RunState waiting = run();
  clock_.pass(milliseconds(1'000));
  const RunState done = drive(waiting.run.id);
  ASSERT_EQ(done.status(), RunStatus::done);
  const ForkPlan plan = planned(done.run.id, "second");
  EXPECT_TRUE(plan.moved.empty());
  EXPECT_EQ(*forked(done.run.id, plan).output, *done.output);
  EXPECT_EQ(proved_, 3);
}

TEST_F(ForkTest, AProposalCanBeSetAndIsProvenAndApproved) {
  const RunState waiting = run();
  yes(waiting);
  const RunState done = drive(waiting.run.id);
  const auto plan = plan_fork_with(done.run.id, events(done.run.id), "round[0]/propose", Json("mine"), "ann");
  ASSERT_TRUE(plan) << plan.error().message;
  const RunState fork = forked(done.run.id, *plan);
  EXPECT_EQ(fork.status(), RunStatus::parked);
  EXPECT_EQ(proposed_, 1);
  EXPECT_EQ(proved_, 2);
  const EventInfo set = events(fork.run.id).back().path.empty() ? EventInfo{} : events(fork.run.id)[1];
  EXPECT_EQ(set.body.text("note"), "set by ann in a fork of run " + done.run.id.text);
  EXPECT_TRUE(set.body.flag("proposes"));
  yes(fork);
  EXPECT_EQ(*drive(fork.run.id).output, Json("ran mine!"));
}

TEST_F(ForkTest, OnlyProposalsCanBeSet) {
  const RunState waiting = run();
  yes(waiting);
  const RunId id = drive(waiting.run.id).run.id;
  for (const char* path : {"round[0]/prove", "round[0]/execute", "round[0]/run this"}) {
    const auto plan = plan_fork_with(id, events(id), path, Json("mine"), "ann");
    ASSERT_FALSE(plan) << path;
    EXPECT_EQ(plan.error().code, "E0133");
  }
  std::vector<EventInfo> old = events(id);
  for (EventInfo& event : old)
    if (event.body.as_object() != nullptr)
      std::erase_if(*event.body.as_object(), [](const Json::Member& member) { return member.first == "proposes"; });
  const auto unmarked = plan_fork_with(id, old, "round[0]/propose", Json("mine"), "ann");
  ASSERT_FALSE(unmarked);
  EXPECT_EQ(unmarked.error().code, "E0133");
  EXPECT_NE(unmarked.error().message.find("older releases"), std::string::npos);
}

EventInfo event(EventType type, const std::string& path, Json body = Json::object()) { return {.type = type, .path = path, .body = std::move(body)}; }

std::vector<EventInfo> numbered(std::vector<EventInfo> events) {
  events.insert(events.begin(), event(EventType::run_started, ""));
  for (std::size_t n = 0; n < events.size(); ++n) events[n].seq = static_cast<std::int64_t>(n + 1);
  return events;
}

const RunId kRun{"r-1"};

TEST(ForkPlans, NoCutBetweenAnIntentAndItsOutcome) {
  const auto events =
      numbered({event(EventType::step_completed, "a"), event(EventType::step_started, "p#x/effect", Json::object().set("effect", "keyed")),
                event(EventType::step_completed, "p#y/look"), event(EventType::step_completed, "p#x/effect"), event(EventType::step_completed, "z")});
  const auto between = plan_fork(kRun, events, "p#y/look");
  ASSERT_FALSE(between);
  EXPECT_EQ(between.error().code, "E0130");
  EXPECT_NE(between.error().message.find("p#x/effect"), std::string::npos) << between.error().message;
  EXPECT_EQ(between.error().hint, "it can be cut at --from \"p#x/effect\" or --from \"z\"");
  const auto before = plan_fork(kRun, events, "p#x/effect");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->repeats, std::vector<std::string>{"p#x/effect"});
  EXPECT_TRUE(plan_fork(kRun, events, "z")->repeats.empty());
}

TEST(ForkPlans, AnEffectInDoubtIsNotCutOff) {
  const auto events =
      numbered({event(EventType::step_started, "pay", Json::object().set("effect", "at_most_once")),
                event(EventType::approval_requested, "pay#outcome[1]", Json::object().set("approval_id", "a-1")),
                event(EventType::approval_decided, "pay#outcome[1]", Json::object().set("approval_id", "a-1").set("status", "approved")),
                event(EventType::step_started, "pay", Json::object().set("effect", "at_most_once")), event(EventType::step_completed, "pay"),
                event(EventType::step_completed, "after")});
  const auto inside = plan_fork(kRun, events, "pay#outcome[1]");
  ASSERT_FALSE(inside);
  EXPECT_EQ(inside.error().code, "E0130");
  const auto after = plan_fork(kRun, events, "after");  // the answer "do it again" was used, though no intent names it
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->keep_seq, 6);
  EXPECT_TRUE(after->moved.empty());
}

TEST(ForkPlans, NoCutWhileAChildIsUnderWay) {
  const auto events =
      numbered({event(EventType::child_started, "p#a/part", Json::object().set("child_id", "r-1.2")), event(EventType::step_completed, "p#b/look"),
                event(EventType::child_ended, "p#a/part"), event(EventType::step_completed, "z")});
  const auto under_way = plan_fork(kRun, events, "p#b/look");
  ASSERT_FALSE(under_way);
  EXPECT_EQ(under_way.error().code, "E0130");
  EXPECT_NE(under_way.error().message.find("r-1.2"), std::string::npos);
  EXPECT_TRUE(plan_fork(kRun, events, "z"));
  EXPECT_TRUE(plan_fork(kRun, events, "p#a/part"));
}

TEST(ForkPlans, BranchesWithADeadlineBeginAnewOrNotAtAll) {
  const auto reading =
      numbered({event(EventType::step_completed, "a"), event(EventType::branches_opened, "p"), event(EventType::step_completed, "p#x/look"),
                event(EventType::step_completed, "p#y/look"), event(EventType::branches_joined, "p"), event(EventType::step_completed, "z")});
  const auto moved = plan_fork(kRun, reading, "p#y/look");
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->keep_seq, 2);
  EXPECT_EQ(moved->moved.size(), 1U);
  EXPECT_EQ(plan_fork(kRun, reading, "z")->keep_seq, 6);
  const auto acting =
      numbered({event(EventType::branches_opened, "p"), event(EventType::step_started, "p#x/send", Json::object().set("effect", "keyed")),
                event(EventType::step_completed, "p#x/send"), event(EventType::step_completed, "p#y/look")});
  const auto refused = plan_fork(kRun, acting, "p#y/look");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E0130");
  EXPECT_NE(refused.error().message.find("p#x/send"), std::string::npos);
}

/// What was given up with them is over for a fork too, whatever of it the history leaves open.
TEST(ForkPlans, WhatBranchesThatWereGivenUpLeftOpenIsNoObstacle) {
  const auto with = [](EventInfo left_open, const std::vector<std::string>& made) {
    Json names = Json::array();
    for (const std::string& name : made) names.push(name);
    return numbered({event(EventType::branches_opened, "p"), std::move(left_open), event(EventType::step_completed, "p#y/look"),
                     event(EventType::branches_joined, "p", Json::object().set("made", std::move(names))), event(EventType::step_completed, "z")});
  };
  const std::vector<EventInfo> left_open{
      event(EventType::child_started, "p#x/child", Json::object().set("child_id", "r-1.x")),
      event(EventType::approval_requested, "p#x/ask", Json::object().set("approval_id", "a-1")),
      event(EventType::step_started, "p#x/query", Json::object().set("effect", "read")),
      event(EventType::branches_opened, "p#x/inner"),
      event(EventType::child_started, "p#x/inner#a/child", Json::object().set("child_id", "r-1.a")),
  };
  for (const EventInfo& one : left_open) {
    SCOPED_TRACE(one.path);
    const auto events = with(one, {"y"});
    const auto plan = plan_fork(kRun, events, "z");
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->keep_seq, 5);
    EXPECT_TRUE(plan->moved.empty());
    EXPECT_TRUE(plan_fork(kRun, with(one, {"xx", "y"}), "z"));
    const auto of_one_that_made_it = plan_fork(kRun, with(one, {"x", "y"}), "z");
    EXPECT_TRUE(!of_one_that_made_it || !of_one_that_made_it->moved.empty());
  }
}

TEST(ForkPlans, WhatIsSetBehindAnOpenQuestionIsRefused) {
  const auto events = numbered({event(EventType::approval_requested, "p#x/ask", Json::object().set("approval_id", "a-1")),
                                event(EventType::step_completed, "p#y/propose", Json::object().set("proposes", true)),
                                event(EventType::approval_decided, "p#x/ask", Json::object().set("approval_id", "a-1").set("status", "rejected")),
                                event(EventType::step_completed, "z")});
  const auto refused = plan_fork_with(kRun, events, "p#y/propose", Json("mine"), "ann");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E0130");
  EXPECT_NE(refused.error().message.find("waits for a decision"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace sluice
