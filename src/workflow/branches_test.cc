#include <latch>
#include <thread>

#include "workflow/engine_test_base.h"

// Branches, children and signals: what goes on at once, what is waited for, and what a re-execution finds again.
namespace sluice {
namespace {

using Text = Result<std::string>;
constexpr milliseconds kSoon{1'000};

class Branches : public EngineTest {
 protected:
  int left_calls_ = 0, right_calls_ = 0;
  const Activity<In, std::string> left_ = counted(left_calls_);
  const Activity<In, std::string> right_ = counted(right_calls_);

  /// A read that takes so long, by the fake clock, and honours its deadline.
  Activity<In, std::string> slow(milliseconds takes, Effect effect = Effect::read) {
    return {.effect = effect, .act = [this, takes](StepContext& step, const In& in) -> Text {
              const auto until = clock_.steady() + takes;
              clock_.pass(std::chrono::duration_cast<milliseconds>(std::min(until, step.deadline) - clock_.steady()));
              if (step.deadline < until) return Error{ErrorKind::timeout, "E0902", "it took too long", "", 0};
              return in + " after a while";
            }};
  }
  std::vector<EventInfo> events(const RunId& id) { return *journal_.events(id); }
  static Text both(const Result<std::tuple<Text, Text>>& answers) {
    if (!answers) return answers.error();
    const auto& [a, b] = *answers;
    return (a ? *a : a.error().code) + "+" + (b ? *b : b.error().code);
  }
  std::string output(const RunState& state) const {
    EXPECT_EQ(state.status(), RunStatus::done) << state.run.reason;
    return state.output ? *state.output->as_string() : "";
  }
};

TEST_F(Branches, GoAtOnceAndAreRecordedEachOnItsOwnPath) {
  std::latch met(2);
  const Activity<In, std::string> meets{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Text {
                                          met.arrive_and_wait();  // only where both are under way
                                          return in + "!";
                                        }};
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {}, Branch{"left", [&](Context& branch) { return branch.step("look", meets, in + "-l"); }},
                             Branch{"right", [&](Context& branch) { return branch.step("look", meets, in + "-r"); }}));
  });
  const RunState state = run();
  EXPECT_EQ(output(state), "in-l!+in-r!");
  std::set<std::string> paths;
  for (const EventInfo& event : events(state.run.id))
    if (event.type == EventType::step_completed) paths.insert(event.path);
  EXPECT_EQ(paths, (std::set<std::string>{"fan#left/look", "fan#right/look"}));
}

TEST_F(Branches, AllSettleBeforeTheRunParksAndNothingRunsAgain) {
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {},
                             Branch{"left",
                                    [&](Context& branch) -> Text {
                                      TRY(const std::string seen, branch.step("look", left_, in));
                                      TRY(auto decision, branch.wait_for_approval("ok", Subject{seen, 1}, {}));
                                      return std::string(decision.approved ? "yes" : "no");
                                    }},
                             Branch{"right", [&](Context& branch) -> Text {
                                      TRY(const std::string seen, branch.step("look", right_, in));
                                      TRY_VOID(branch.sleep("rest", kSoon));
                                      return branch.step("again", right_, seen);
                                    }}));
  });
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::parked);
  EXPECT_EQ(state.open_approvals.size(), 1U);
  EXPECT_NE(state.run.reason.find("waits for approval"), std::string::npos);
  EXPECT_NE(state.run.reason.find("sleeps"), std::string::npos);
  ASSERT_TRUE(state.run.wake_at);
  clock_.pass(kSoon);
  restart();
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {},
                             Branch{"left",
                                    [&](Context& branch) -> Text {
                                      TRY(const std::string seen, branch.step("look", left_, in));
                                      TRY(auto decision, branch.wait_for_approval("ok", Subject{seen, 1}, {}));
                                      return std::string(decision.approved ? "yes" : "no");
                                    }},
                             Branch{"right", [&](Context& branch) -> Text {
                                      TRY(const std::string seen, branch.step("look", right_, in));
                                      TRY_VOID(branch.sleep("rest", kSoon));
                                      return branch.step("again", right_, seen);
                                    }}));
  });
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::parked) << "the other one still waits";
  EXPECT_EQ(right_calls_, 2);
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  EXPECT_EQ(output(state), "yes+in!!");
  EXPECT_EQ(left_calls_, 1);
  EXPECT_EQ(right_calls_, 2);
}

TEST_F(Branches, WriteAfterWhatCameBeforeThem) {
  add([&](Context& run, const In& in) -> Text {
    TRY(const std::string before, run.step("before", in, [](const std::string& text) -> Text { return text + "!"; }));
    return both(run.parallel("fan", {},
                             Branch{"left",
                                    [&](Context& branch) -> Text {
                                      TRY_VOID(branch.sleep("rest", kSoon));
                                      return before;
                                    }},
                             Branch{"right", [&](Context& branch) { return branch.step("look", right_, before); }}));
  });
  std::vector<std::string> paths;
  for (const EventInfo& event : events(run().run.id)) paths.push_back(event.path);
  ASSERT_GE(paths.size(), 2U);
  EXPECT_EQ(paths[1], "before") << "a crash now leaves no history that goes on in a branch without it";
}

TEST_F(Branches, AFailureIsAResultAndTheOthersGoOn) {
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {}, Branch{"left", [&](Context&) -> Text { return Error{ErrorKind::refused, "E0999", "no", "", 0}; }},
                             Branch{"right", [&](Context& branch) { return branch.step("look", right_, in); }}));
  });
  EXPECT_EQ(output(run()), "E0999+in!");
}

TEST_F(Branches, WhoDoesNotMakeTheDeadlineIsGivenUpAndThatIsRecorded) {
  options_.at_once = [](const auto& tasks) {
    for (const auto& task : tasks) task();
  };
  restart();
  const auto workflow = [&](Context& run, const In& in) -> Text {
    TRY(const std::string found,
        both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }},
                          Branch{"right", [&](Context& branch) -> Text {
                                   TRY(const std::string seen, branch.step("first", right_, in));
                                   return branch.step("slow", slow(milliseconds(5'000)), seen);
                                 }})));
    TRY(auto decision, run.wait_for_approval("ok", Subject{found, 1}, {}));
    return found + (decision.approved ? " yes" : " no");
  };
  add(workflow);
  RunState state = run();
  EXPECT_EQ(count(state.run.id, EventType::branches_joined), 1);
  const std::int64_t head = state.run.head_seq;
  for (const EventInfo& event : events(state.run.id)) EXPECT_NE(event.path, "fan#right/slow") << "late branches append nothing";
  clock_.pass(milliseconds(60'000));
  restart();
  add(workflow);
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  EXPECT_EQ(output(state), "in!+E0132 yes");
  EXPECT_EQ(left_calls_, 1);
  EXPECT_EQ(right_calls_, 1);
  EXPECT_EQ(state.run.head_seq, head + 2) << "the decision and the end";
}

TEST_F(Branches, AnEffectThatHasBegunIsCarriedThroughPastTheDeadline) {
  options_.at_once = [](const auto& tasks) {
    for (const auto& task : tasks) task();
  };
  restart();
  const auto act = slow(milliseconds(5'000), Effect::keyed);
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }},
                             Branch{"right", [&](Context& branch) -> Text {
                                      TRY(const std::string put, branch.step("put", act, in));
                                      return branch.step("after", right_, put);
                                    }}));
  });
  const RunState state = run();
  EXPECT_EQ(output(state), "in!+E0132");
  EXPECT_EQ(right_calls_, 0);
  int outcomes = 0;
  for (const EventInfo& event : events(state.run.id))
    if (event.type == EventType::step_completed && event.path == "fan#right/put") ++outcomes;
  EXPECT_EQ(outcomes, 1) << "its outcome is known";
}

TEST_F(Branches, AnEffectThatWaitsForItsRetryIsNotWokenByTheDeadline) {
  bool away = true;
  const Activity<In, std::string> put{.effect = Effect::keyed, .act = [&away](StepContext&, const In& in) -> Text {
                                        if (away) return Error{ErrorKind::transient, "E0901", "lost", "", 60'000};
                                        return in + " is put";
                                      }};
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }},
                             Branch{"right", [&](Context& branch) { return branch.step("put", put, in); }}));
  });
  RunState state = run();
  clock_.pass(kSoon);
  state = drive(state.run.id);
  ASSERT_EQ(state.status(), RunStatus::parked);
  EXPECT_FALSE(state.due) << "it would be looked at again and again until the retry is due";
  clock_.pass(milliseconds(60'000));
  away = false;
  EXPECT_EQ(output(drive(state.run.id)), "in!+in is put");
}

TEST_F(Branches, ABranchThatWaitsIsGivenUpAtTheDeadline) {
  const auto workflow = [&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }},
                             Branch{"right", [&](Context& branch) -> Text { return branch.signal<std::string>("go"); }}));
  };
  add(workflow);
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::parked);
  EXPECT_TRUE(state.run.wake_at);
  clock_.pass(kSoon);
  EXPECT_EQ(output(drive(state.run.id)), "in!+E0132");
  EXPECT_EQ(left_calls_, 1);
}

TEST_F(Branches, OneAmongInnerOnesThatIsLateMakesTheOuterOneLate) {
  const auto workflow = [&](Context& run, const In& in) -> Text {
    TRY(const std::string found,
        both(run.parallel("outer", {.deadline = kSoon},
                          Branch{"a",
                                 [&](Context& outer) {
                                   return both(outer.parallel("inner", {}, Branch{"x", [&](Context& inner) { return inner.step("look", left_, in); }},
                                                              Branch{"y", [&](Context& inner) { return inner.signal<std::string>("go"); }}));
                                 }},
                          Branch{"b", [&](Context& outer) { return outer.step("look", right_, in); }})));
    TRY_VOID(run.sleep("rest", kSoon));
    return found;
  };
  add(workflow);
  RunState state = run();
  clock_.pass(kSoon);
  state = drive(state.run.id);
  ASSERT_EQ(state.status(), RunStatus::parked) << state.run.reason;
  clock_.pass(kSoon);
  EXPECT_EQ(output(drive(state.run.id)), "E0132+in!") << "nothing in the history would say which of the inner ones were given up";
}

TEST_F(Branches, ForEachItemABranch) {
  add([&](Context& run, const In&) -> Text {
    const std::vector<std::string> items{"a", "b", "c"};
    TRY(const auto answers,
        run.for_each("look", {}, items, [&](Context& branch, const std::string& item) { return branch.step("at", left_, item); }));
    std::string all;
    for (const Text& answer : answers) all += *answer;
    return all;
  });
  options_.at_once = [](const auto& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) (*task)();
  };
  EXPECT_EQ(output(run()), "a!b!c!");
}

TEST_F(Branches, TooManyAreRefused) {
  add([&](Context& run, const In&) -> Text {
    const std::vector<std::string> items(kBranchesMax + 1, "x");
    TRY(const auto answers,
        run.for_each("look", {}, items, [&](Context& branch, const std::string& item) { return branch.step("at", left_, item); }));
    return std::string("all");
  });
  EXPECT_EQ(run().error->code, "E0132");
}

TEST_F(Branches, AChangedBranchIsDrift) {
  const auto workflow = [&](const std::string& name) {
    return [&, name](Context& run, const In& in) -> Text {
      return both(run.parallel("fan", {},
                               Branch{"left",
                                      [&](Context& branch) -> Text {
                                        TRY(const std::string seen, branch.step(name, left_, in));
                                        return branch.signal<std::string>("go");
                                      }},
                               Branch{"right", [&](Context& branch) { return branch.step("look", right_, in); }}));
    };
  };
  add(workflow("look"));
  RunState state = run();
  ASSERT_EQ(state.status(), RunStatus::parked);
  restart();
  add(workflow("gaze"));
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_NE(state.run.reason.find("fan#left/look"), std::string::npos) << state.run.reason;
}

TEST_F(Branches, ABranchThatIsGoneIsDrift) {
  add([&](Context& run, const In& in) -> Text {
    TRY_VOID(run.parallel("fan", {}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }}));
    return run.signal<std::string>("go");
  });
  RunState state = run();
  restart();
  add([&](Context& run, const In&) -> Text { return run.signal<std::string>("go"); });
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0112");
}

TEST_F(Branches, OneThatThrowsPausesTheRun) {
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {}, Branch{"left", [&](Context&) -> Text { throw std::runtime_error("oops"); }},
                             Branch{"right", [&](Context& branch) { return branch.step("look", right_, in); }}));
  });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0126");
  EXPECT_EQ(right_calls_, 1);
}

TEST_F(Branches, AreCancelledTogether) {
  std::latch both_in(3);
  const Activity<In, std::string> waits{.effect = Effect::read, .act = [&](StepContext& step, const In&) -> Text {
                                          both_in.arrive_and_wait();
                                          std::latch stopped(1);
                                          const std::stop_callback callback(step.cancelled, [&] { stopped.count_down(); });
                                          stopped.wait();
                                          return Error{ErrorKind::cancelled, "E0906", "stopped", "", 0};
                                        }};
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {}, Branch{"left", [&](Context& branch) { return branch.step("wait", waits, in); }},
                             Branch{"right", [&](Context& branch) { return branch.step("wait", waits, in); }}));
  });
  auto id = engine_->start("w", Json("in"));
  ASSERT_TRUE(id);
  RunState state;
  std::thread driving([&] { state = drive(*id); });
  both_in.arrive_and_wait();
  ASSERT_TRUE(engine_->cancel(*id, "ann", "enough"));
  driving.join();
  EXPECT_EQ(state.status(), RunStatus::cancelled);
}

TEST_F(Branches, NestWithinOneAnother) {
  const auto workflow = [&](Context& run, const In& in) -> Text {
    return both(run.parallel("outer", {.deadline = milliseconds(60'000)},
                             Branch{"a",
                                    [&](Context& outer) {
                                      return both(outer.parallel("inner", {},
                                                                 Branch{"x", [&](Context& inner) { return inner.step("look", left_, in); }},
                                                                 Branch{"y", [&](Context& inner) { return inner.signal<std::string>("go"); }}));
                                    }},
                             Branch{"b", [&](Context& outer) { return outer.step("look", right_, in); }}));
  };
  add(workflow);
  RunState state = run();
  ASSERT_EQ(state.status(), RunStatus::parked);
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m", .topic = "go", .sender = "ann", .body = Json("now")}));
  restart();
  add(workflow);
  EXPECT_EQ(output(drive(state.run.id)), "in!+now+in!");
  EXPECT_EQ(left_calls_ + right_calls_, 2);
}

TEST_F(Branches, TwoThatWaitForOneTopicTakeAMessageEach) {
  add([&](Context& run, const In&) -> Text {
    return both(run.parallel("fan", {}, Branch{"left", [&](Context& branch) { return branch.signal<std::string>("go"); }},
                             Branch{"right", [&](Context& branch) { return branch.signal<std::string>("go"); }}));
  });
  RunState state = run();
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("one")}));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::parked);
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m-2", .topic = "go", .sender = "ann", .body = Json("two")}));
  const std::string both = output(drive(state.run.id));
  EXPECT_TRUE(both == "one+two" || both == "two+one") << both;
}

TEST_F(Branches, ASignalIsWaitedForTakenOnceAndRecorded) {
  add([&](Context& run, const In&) -> Text {
    std::string all;
    for (std::int64_t n = 0; n < 2; ++n) {
      TRY(const std::string word, run.scope("n", n).signal<std::string>("go"));
      all += word;
    }
    return all;
  });
  RunState state = run();
  EXPECT_EQ(state.run.reason, "waits for signal \"go\"");
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m-0", .topic = "other", .sender = "ann", .body = Json("x")}));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::parked);
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m-1", .topic = "go", .sender = "ann", .body = Json("a")}));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::parked);
  ASSERT_TRUE(journal_.send(state.run.id, {.id = "m-2", .topic = "go", .sender = "ann", .body = Json("b")}));
  EXPECT_EQ(output(drive(state.run.id)), "ab");
}

class Children : public Branches {
 protected:
  void add_parent() {
    add([](Context& run, const In& in) -> Text {
      TRY(const std::string answer, run.child<std::string>("ask", "child", in + "-c"));
      return "parent of " + answer;
    });
  }
  void add_child(const std::function<Text(Context&, const In&)>& fn, const std::string& version = "7") {
    engine_->add<In, std::string>("child", version, fn);
  }
};

TEST_F(Children, AreRunsOfTheirOwnAndGoOnHereWithoutAWorker) {
  add_parent();
  add_child([&](Context& run, const In& in) { return run.step("look", left_, in); });
  const RunState state = run();
  EXPECT_EQ(output(state), "parent of in-c!");
  const auto children = journal_.runs({.parent = state.run.id});
  ASSERT_EQ(children->size(), 1U);
  const RunInfo& child = children->front();
  EXPECT_EQ(child.status, RunStatus::done);
  EXPECT_EQ(child.code_version, "7");
  EXPECT_EQ(child.root, state.run.id);
  EXPECT_EQ(child.parent_path, "ask");
  EXPECT_EQ(left_calls_, 1);
}

TEST_F(Children, WakeTheirParentWhenSomebodyElseHasThem) {
  add_parent();
  add_child([&](Context& run, const In& in) -> Text {
    TRY(auto decision, run.wait_for_approval("ok", Subject{in, 1}, {}));
    return std::string(decision.approved ? "yes" : "no");
  });
  RunState state = run({}, {.with_children = false});
  EXPECT_EQ(state.status(), RunStatus::parked);
  const RunId child = journal_.runs({.parent = state.run.id})->front().id;
  EXPECT_EQ(state.run.reason, "waits for run " + child.text);
  RunState childs = drive(child);
  EXPECT_FALSE(journal_.run(state.run.id)->is_due(clock_.now()));
  decide(childs, {.action = DecisionAction::approve});
  drive(child);
  EXPECT_TRUE(journal_.run(state.run.id)->is_due(clock_.now()));
  EXPECT_EQ(output(drive(state.run.id)), "parent of yes");
}

TEST_F(Children, TheirErrorIsTheStepsError) {
  add_parent();
  add_child([](Context&, const In&) -> Text { return Error{ErrorKind::refused, "E0999", "no", "", 0}; });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0999");
}

TEST_F(Children, ACancelledOneIsAnError) {
  add_parent();
  add_child([](Context& run, const In&) { return run.signal<std::string>("never"); });
  const RunState state = run();
  const RunId child = journal_.runs({.parent = state.run.id})->front().id;
  ASSERT_TRUE(engine_->cancel(child, "ann", "enough"));
  EXPECT_EQ(drive(state.run.id).error->code, "E0118");
}

TEST_F(Children, EndWithTheirParent) {
  add_parent();
  add_child([](Context& run, const In&) { return run.signal<std::string>("never"); });
  const RunState state = run();
  const RunId child = journal_.runs({.parent = state.run.id})->front().id;
  ASSERT_TRUE(engine_->cancel(state.run.id, "ann", "enough"));
  EXPECT_EQ(journal_.run(state.run.id)->status, RunStatus::cancelled);
  EXPECT_EQ(journal_.run(child)->status, RunStatus::cancelled);
}

TEST_F(Children, OfAWorkflowThatThisProgramLacksPauseTheRun) {
  add_parent();
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0103");
  add_child([](Context&, const In& in) -> Text { return in; });
  EXPECT_EQ(output(drive(state.run.id, {.resume = true})), "parent of in-c");
}

TEST_F(Children, HaveAnEndToTheirDepth) {
  add([](Context& run, const In& in) { return run.child<std::string>("again", "w", in); });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0135");
}

TEST_F(Branches, WhoIsGivenUpTakesTheQuestionAlong) {
  bool long_time = false;
  add([&](Context& run, const In& in) -> Text {
    return both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.step("look", left_, in); }},
                             Branch{"right", [&](Context& branch) -> Text {
                                      const ApprovalRequest request{.timeout = long_time ? 2 * kSoon : kSoon / 2};
                                      TRY(auto decision, branch.wait_for_approval("ok", Subject{in, 1}, request));
                                      return std::string(decision.approved ? "yes" : decision.expired ? "expired" : "no");
                                    }}));
  });
  RunState state = run();
  clock_.pass(kSoon / 2);
  EXPECT_EQ(output(drive(state.run.id)), "in!+expired") << "its own time comes first";
  long_time = true;
  state = run();
  ASSERT_EQ(state.open_approvals.size(), 1U);
  const ApprovalId asked = state.open_approvals.front();
  clock_.pass(kSoon);
  const auto late = journal_.decide(asked, {.action = DecisionAction::approve, .decided_by = "ann"});
  ASSERT_FALSE(late) << "nothing would come of it";
  EXPECT_EQ(late.error().code, "E0108");
  EXPECT_EQ(output(drive(state.run.id)), "in!+E0132");
  EXPECT_EQ(journal_.approval(asked)->status, ApprovalStatus::expired);
}

TEST_F(Children, ThatCannotBeStartedAreAnErrorAlsoWhenTheRunGoesOn) {
  add([](Context& run, const In& in) -> Text {
    const Text large = run.child<std::string>("large", "child", std::string(5'000'000, 'x'));
    const Text deeper = run.child<std::string>("again", "w", in);
    if (deeper) return deeper;
    TRY_VOID(run.sleep("rest", kSoon));
    return (large ? *large : large.error().code) + " " + deeper.error().code;
  });
  add_child([](Context&, const In& in) -> Text { return in; });
  const RunState state = run();
  ASSERT_EQ(state.status(), RunStatus::parked);
  clock_.pass(kSoon);
  const auto runs = journal_.runs({});
  for (int depth = 0; depth < std::ssize(*runs); ++depth)  // the deepest is due, then the one above it
    for (const RunInfo& one : *runs) drive(one.id);
  EXPECT_EQ(output(drive(state.run.id)), "E0124 E0135");
  EXPECT_TRUE(journal_.runs({.name = "child"})->empty());
}

TEST_F(Children, AreCarriedThroughPastTheirBranchsDeadline) {
  int puts = 0;
  const auto put = counted(puts, Effect::keyed);
  add_child([&](Context& run, const In& in) -> Text {
    TRY_VOID(run.sleep("rest", 5 * kSoon));
    return run.step("put", put, in);
  });
  for (const bool goes_on : {false, true}) {
    add([&, goes_on](Context& run, const In& in) -> Text {
      TRY(const std::string found,
          both(run.parallel("fan", {.deadline = kSoon}, Branch{"left", [&](Context& branch) { return branch.signal<std::string>("go"); }},
                            Branch{"right", [&, goes_on](Context& branch) -> Text {
                                     TRY(const std::string done, branch.child<std::string>("child", "child", in));
                                     return goes_on ? branch.step("look", left_, done) : done;
                                   }})));
      TRY_VOID(run.sleep("rest", kSoon));
      return found;
    });
    puts = 0;
    RunState state = run();
    clock_.pass(kSoon);
    state = drive(state.run.id);
    ASSERT_EQ(state.status(), RunStatus::parked);
    EXPECT_EQ(count(state.run.id, EventType::branches_joined), 0) << "it may have effects: nobody goes on as if it were not there";
    EXPECT_FALSE(state.due) << "its end wakes its parent";
    clock_.pass(4 * kSoon);
    state = drive(state.run.id);
    EXPECT_EQ(puts, 1);
    clock_.pass(kSoon);
    EXPECT_EQ(output(drive(state.run.id)), goes_on ? "E0132+E0132" : "E0132+in!");
    EXPECT_EQ(left_calls_, 0);
  }
}

}  // namespace
}  // namespace sluice
