#include <stdexcept>
#include <thread>

#include "workflow/engine_test_base.h"

namespace sluice {
namespace {

TEST_F(EngineTest, ARecordedErrorIsReplayedAsItWas) {
  const Activity<In, std::string> fails{.effect = Effect::read, .act = [](StepContext&, const In&) -> Result<std::string> {
                                          return Error{ErrorKind::unanswerable, "E0600", "no such word", "say it otherwise", 0};
                                        }};
  const auto flow = [&](Context& run, const In& in) -> Result<std::string> {
    auto failed = run.step("ask", fails, in);
    if (failed) return Error::bug("it did not fail");
    TRY(auto decision, run.wait_for_approval("go on", in, {}));
    return failed.error().code + " " + failed.error().message + " " + (decision.approved ? "yes" : "no");
  };
  add(flow);
  const RunState waiting = run();
  restart();
  add(flow);
  decide(waiting, {.action = DecisionAction::approve});
  EXPECT_EQ(*drive(waiting.run.id).output, Json("E0600 no such word yes"));
}

TEST_F(EngineTest, RunsToTheEndAndRecordsEachStep) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string a, run.step("look", look, in));
    return run.step("twice", a, [](const std::string& text) -> Result<std::string> { return text + text; });
  });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::done);
  EXPECT_EQ(*state.output, Json("in!in!"));
  EXPECT_EQ(calls, 1);
  auto events = journal_.events(state.run.id);
  ASSERT_EQ(events->size(), 4U);
  const Json& body = events->at(1).body;
  EXPECT_EQ(body.text("effect"), "read");
  EXPECT_EQ(body.text("input"), "in");
  EXPECT_EQ(body.text("value"), "in!");
  EXPECT_EQ(body.integer("attempts"), 1);
  EXPECT_EQ(body.integer("started_at"), clock_.now());
  EXPECT_EQ(events->at(1).in_hash.size(), 64U);
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::done) << "driving an ended run does nothing";
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, RecordsTheFinalErrorAndTheStepsError) {
  const Activity<In, std::string> broken{.effect = Effect::read, .act = [](StepContext&, const In&) -> Result<std::string> {
                                           return Error{ErrorKind::not_found, "E0999", "no table", "look again", 0};
                                         }};
  add([&](Context& run, const In& in) { return run.step("look", broken, in); });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->message, "no table");
  EXPECT_EQ(state.run.reason, "no table");
  EXPECT_EQ(engine_->state(state.run.id)->error->hint, "look again");
}

TEST_F(EngineTest, ParksForADecisionAndGoesOn) {
  int calls = 0;
  const auto look = counted(calls);
  std::string spent;
  const Activity<Approved<Subject>, std::string> execute{.effect = Effect::read,
                                                         .act = [&](StepContext&, const Approved<Subject>& yes) -> Result<std::string> {
                                                           spent = yes.subject().sql;
                                                           return std::string("rows");
                                                         }};
  const auto flow = [&](Context& run, const In& in) -> Result<std::string> {
    for (int n = 0; n < 3; ++n) {
      Context round = run.scope("round", n);
      TRY(const std::string sql, round.step("propose", look, in + std::to_string(n)));
      TRY(auto decision, round.wait_for_approval("run it", Subject{sql, 10}, {.card = Json("card"), .timeout = milliseconds(1000)}));
      if (decision.approved) return round.step("execute", execute, *decision.approved);
      if (decision.expired) return std::string("too late");
      if (!decision.refine) return "rejected by " + decision.decided_by + ": " + decision.reason;
    }
    return Error::exhausted("rounds", 3);
  };
  add(flow);
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::parked);
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::parked);
  decide(state, {.action = DecisionAction::refine, .feedback = "only JFK"});
  restart();
  add(flow);
  state = drive(state.run.id);
  ASSERT_EQ(state.status(), RunStatus::parked);
  EXPECT_EQ(calls, 2) << "round 0 is not proposed again";
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::done);
  EXPECT_EQ(spent, "in1!");
  EXPECT_EQ(calls, 2);

  RunState rejected = run();
  decide(rejected, {.action = DecisionAction::reject, .reason = "no"});
  EXPECT_EQ(*drive(rejected.run.id).output, Json("rejected by ann: no"));
  const RunState late = run();
  EXPECT_EQ(engine_->wait(late.run.id, milliseconds(0))->status(), RunStatus::parked);
  clock_.pass(milliseconds(1000));
  EXPECT_EQ(*drive(late.run.id).output, Json("too late"));
}

TEST_F(EngineTest, APolicyDecidesAtOnceAndIsRecorded) {
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("run it", Subject{"s", 1}, {.policy = "reads", .automatic = AutoDecision{true, "reads"}}));
    return decision.approved ? decision.decided_by : "no";
  });
  const RunState state = run();
  EXPECT_EQ(*state.output, Json("policy: reads"));
  auto approvals = journal_.approvals({.open_only = false});
  EXPECT_EQ(approvals->front().status, ApprovalStatus::approved);
  EXPECT_EQ(approvals->front().decided_by, "policy: reads");
}

TEST_F(EngineTest, AnApprovalIsSpentOnce) {
  int calls = 0;
  const Activity<Approved<Subject>, std::string> execute{
      .effect = Effect::keyed, .act = [&](StepContext&, const Approved<Subject>&) -> Result<std::string> { return std::to_string(++calls); }};
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("run it", Subject{"s", 1}, {.automatic = AutoDecision{true, "p"}}));
    TRY_VOID(run.step("execute", execute, *decision.approved));
    return run.step("again", execute, *decision.approved);
  });
  const RunState state = run();
  ASSERT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0113");
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, RetriesWithGrowingDelaysThenGivesUp) {
  int calls = 0;
  std::vector<int> attempts;
  Activity<In, std::string> flaky{.effect = Effect::read, .act = [&](StepContext& step, const In&) -> Result<std::string> {
                                    attempts.push_back(step.attempt);
                                    if (++calls < 3) return Error{ErrorKind::transient, "E0999", "busy", "", 0};
                                    return std::string("ok");
                                  }};
  flaky.retry = {.attempts_max = 3, .first_delay = milliseconds(100), .factor = 2, .jitter = 0.5};
  add([&](Context& run, const In& in) { return run.step("look", flaky, in); });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::done);
  EXPECT_EQ(count(state.run.id, EventType::step_attempt_failed), 2);
  EXPECT_EQ(attempts, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(clock_.slept_ms(), 150);
  EXPECT_LE(clock_.slept_ms(), 300);
  calls = -10;
  const RunState failed = run();
  EXPECT_EQ(failed.status(), RunStatus::failed);
  EXPECT_EQ(failed.error->message, "busy");
  EXPECT_EQ(count(failed.run.id, EventType::step_attempt_failed), 2);
}

TEST_F(EngineTest, ALongDelayParksAndSurvivesARestart) {
  int calls = 0;
  const Activity<In, std::string> limited{.effect = Effect::read, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                            if (++calls == 1) return Error{ErrorKind::transient, "E0999", "rate limit", "", 60'000};
                                            return std::string("ok");
                                          }};
  const auto flow = [&](Context& run, const In& in) { return run.step("look", limited, in); };
  add(flow);
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::parked);
  EXPECT_EQ(state.run.wake_at, clock_.now() + 60'000);
  restart();
  add(flow);
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::parked);
  EXPECT_EQ(calls, 1);
  clock_.pass(milliseconds(60'000));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::done);
  EXPECT_EQ(calls, 2);
}

TEST_F(EngineTest, ASwallowedSuspensionSuspendsAgain) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    try {
      TRY_VOID(run.wait_for_approval("ok", Subject{"s", 1}, {}));
    } catch (...) {  // NOLINT(bugprone-empty-catch): what a workflow must not do
    }
    try {
      TRY_VOID(run.step("sneak", look, in));
    } catch (...) {  // NOLINT(bugprone-empty-catch): what a workflow must not do
    }
    return std::string("swallowed");
  });
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::parked);
  EXPECT_EQ(calls, 0);
  decide(state, {.action = DecisionAction::approve});
  EXPECT_EQ(*drive(state.run.id).output, Json("swallowed"));
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, ANameUsedTwiceAndAThrowPause) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY_VOID(run.step("a", look, in));
    return run.step("a", look, in);
  });
  EXPECT_EQ(run().error->code, "E0120");
  add([&](Context&, const In&) -> Result<std::string> { throw std::runtime_error("oops"); });
  const RunState thrown = run();
  EXPECT_EQ(thrown.status(), RunStatus::paused);
  EXPECT_EQ(thrown.error->code, "E0126");
  const Activity<In, std::string> throwing{.effect = Effect::read,
                                           .act = [](StepContext&, const In&) -> Result<std::string> { throw std::runtime_error("oops"); }};
  add([&](Context& run, const In& in) { return run.step("a", throwing, in); });
  EXPECT_EQ(run().error->code, "E0117");
}

TEST_F(EngineTest, AtMostOnceAsksAPersonWhenNobodyCanKnow) {
  int calls = 0;
  const Activity<In, std::string> send{.effect = Effect::at_most_once, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                         if (++calls % 2 == 1) return Error{ErrorKind::timeout, "E0999", "no answer", "", 0};
                                         return std::string("sent");
                                       }};
  add([&](Context& run, const In& in) { return run.step("send", send, in); });
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::unknown);
  EXPECT_EQ(state.error->code, "E0114");
  EXPECT_EQ(journal_.approval(state.open_approvals.front())->card.text("kind"), "unknown_outcome");
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::unknown) << "the first call may still be under way";
  EXPECT_EQ(calls, 1);
  clock_.pass(milliseconds(100'000));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::done);
  EXPECT_EQ(calls, 2);

  state = run();
  decide(state, {.action = DecisionAction::reject});
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->kind, ErrorKind::unknown_outcome);
  calls = 0;
  state = run();
  decide(state, {.action = DecisionAction::refine, .edited = "\"it did\""});
  EXPECT_EQ(*drive(state.run.id).output, Json("it did"));
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, AKeyedStepKeepsItsKeyUntilAFailureIsKnown) {
  std::vector<std::string> keys;
  bool known = false;
  const Activity<In, std::string> put{.effect = Effect::keyed, .act = [&](StepContext& step, const In&) -> Result<std::string> {
                                        keys.push_back(step.idempotency_key);
                                        step.known_failed = known;
                                        if (keys.size() < 3) return Error{ErrorKind::transient, "E0999", "lost", "", 0};
                                        return std::string("ok");
                                      }};
  add([&](Context& run, const In& in) { return run.step("put", put, in); });
  EXPECT_EQ(run().status(), RunStatus::done);
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[1], keys[2]);
  keys.clear();
  known = true;
  EXPECT_EQ(run().status(), RunStatus::done);
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_NE(keys[1], keys[2]);
}

TEST_F(EngineTest, CancelsAParkedARetryingAndARunningRun) {
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY_VOID(run.wait_for_approval("ok", Subject{"s", 1}, {}));
    return std::string("went on");
  });
  const RunState parked = run();
  auto ended = engine_->cancel(parked.run.id, "ann", "enough");
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->status(), RunStatus::cancelled);
  EXPECT_NE(ended->error->message.find("cancelled by ann: enough"), std::string::npos);
  EXPECT_EQ(journal_.decide(parked.open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"}).error().code, "E0109");
  EXPECT_EQ(engine_->cancel(parked.run.id, "ann", "").error().code, "E0115");

  clock_.pass(milliseconds(1));  // runs of one millisecond are in no order
  RunId id;
  const Activity<In, std::string> slow{.effect = Effect::read, .act = [&](StepContext& step, const In&) -> Result<std::string> {
                                         id = journal_.runs({})->front().id;
                                         EXPECT_TRUE(engine_->cancel(id, "bob", "")) << "its owner is told, nothing else happens";
                                         EXPECT_TRUE(step.cancelled.stop_requested());
                                         return Error{ErrorKind::cancelled, "E0999", "stopped", "", 0};
                                       }};
  int after = 0;
  const auto look = counted(after);
  add([&](Context& run, const In& in) -> Result<std::string> {
    [[maybe_unused]] const auto ignored = run.step("slow", slow, in);
    return run.step("after", look, in);
  });
  EXPECT_EQ(run().status(), RunStatus::cancelled);
  EXPECT_EQ(after, 0);

  const Activity<In, std::string> retrying{.effect = Effect::read, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                             return Error{ErrorKind::transient, "E0999", "busy", "", 60'000};
                                           }};
  add([&](Context& run, const In& in) { return run.step("slow", retrying, in); });
  const RunState waiting = run();
  ASSERT_EQ(waiting.status(), RunStatus::parked);
  EXPECT_EQ(engine_->cancel(waiting.run.id, "ann", "")->status(), RunStatus::cancelled);
}

TEST_F(EngineTest, ACancelledRunSaysWhatMayHaveHappened) {
  const Activity<In, std::string> put{.effect = Effect::keyed, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                        EXPECT_TRUE(engine_->cancel(journal_.runs({})->front().id, "ann", ""));
                                        return Error{ErrorKind::cancelled, "E0999", "stopped", "", 0};
                                      }};
  add([&](Context& run, const In& in) { return run.step("put", put, in); });
  const RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::cancelled);
  EXPECT_NE(state.error->message.find("\"put\" was in flight"), std::string::npos) << state.error->message;
}

TEST_F(EngineTest, AStopGivesTheRunBack) {
  std::stop_source stop;
  int calls = 0;
  const Activity<In, std::string> slow{.effect = Effect::read, .act = [&](StepContext& step, const In&) -> Result<std::string> {
                                         if (++calls > 1) return std::string("ok");
                                         stop.request_stop();
                                         EXPECT_TRUE(step.cancelled.stop_requested());
                                         return Error{ErrorKind::cancelled, "E0999", "stopped", "", 0};
                                       }};
  add([&](Context& run, const In& in) { return run.step("slow", slow, in); });
  const RunState state = run({}, {.stop = stop.get_token()});
  EXPECT_EQ(state.status(), RunStatus::ready);
  EXPECT_TRUE(state.due);
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::done);
}

TEST_F(EngineTest, ARunHasADeadline) {
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY_VOID(run.wait_for_approval("ok", Subject{"s", 1}, {}));
    return std::string("went on");
  });
  RunState state = run({.timeout = milliseconds(5000)});
  EXPECT_EQ(state.run.wake_at, clock_.now() + 5000);
  clock_.pass(milliseconds(5000));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->code, "E0119");
}

TEST_F(EngineTest, TwoEnginesOnOneRun) {
  auto rival = fresh();
  FakeClock standing;  // the clock of a machine that was stopped whole: its engine cannot know that its lease is over
  engine_ = std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, standing, random_}, options_);
  int calls = 0;
  const Activity<In, std::string> stolen{.effect = Effect::read, .act = [&](StepContext&, const In& in) -> Result<std::string> {
                                           if (++calls == 1) {
                                             const RunId id = journal_.runs({})->front().id;
                                             EXPECT_EQ(rival->drive(id).error().code, "E0104") << "its owner lives";
                                             clock_.pass(milliseconds(31'000));  // its owner was silent for too long
                                             auto taken = rival->drive(id);
                                             EXPECT_TRUE(taken);
                                             EXPECT_EQ(taken->status(), RunStatus::done);
                                           }
                                           return in + std::to_string(calls);
                                         }};
  const auto flow = [&](Context& run, const In& in) { return run.step("slow", stolen, in); };
  add(flow);
  rival->add<In, std::string>("w", "1", flow);
  auto state = engine_->run("w", Json("in"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, "E0105");
  EXPECT_EQ(*engine_->state(journal_.runs({})->front().id)->output, Json("in2")) << "the stale engine wrote nothing";
  EXPECT_EQ(count(journal_.runs({})->front().id, EventType::finished), 1);
}

TEST_F(EngineTest, ClaimsWithoutProgressPauseTheRun) {
  struct Death {};
  bool fixed = false;
  const Activity<In, std::string> deadly{.effect = Effect::read, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                           if (!fixed) throw Death{};  // NOLINT(bugprone-std-exception-baseclass): nothing may catch it
                                           return std::string("ok");
                                         }};
  const auto flow = [&](Context& run, const In& in) { return run.step("deadly", deadly, in); };
  add(flow);
  const RunId id = *engine_->start("w", Json("in"));
  RunState state;
  int deaths = 0;
  for (int n = 0; n < 10 && state.status() != RunStatus::paused; ++n) {
    try {
      state = drive(id);
    } catch (const Death&) {
      ++deaths;
      restart();
      add(flow);
    }
  }
  EXPECT_EQ(deaths, 5);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0116");
  fixed = true;
  EXPECT_EQ(drive(id, {.resume = true}).status(), RunStatus::done);
}

TEST_F(EngineTest, LargeValuesAreArtifactsAndTheirLossPauses) {
  int calls = 0;
  const Activity<In, std::string> large{.effect = Effect::read, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                          ++calls;
                                          return std::string(5000, 'x');
                                        }};
  add([&](Context& run, const In& in) -> Result<std::string> {
    TRY(std::string text, run.step("large", large, in));
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return text;
  });
  RunState state = run();
  const std::string hash((*journal_.events(state.run.id))[1].body.text("artifact"));
  EXPECT_EQ(hash.size(), 64U);
  const std::string bytes = *artifacts_.get(hash);
  artifacts_.forget(hash);
  clock_.pass(milliseconds(10));
  state = drive(state.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0122");
  ASSERT_TRUE(artifacts_.put(bytes));
  state = drive(state.run.id, {.resume = true});
  EXPECT_EQ(state.output->as_string()->size(), 5000U);
  EXPECT_EQ(calls, 1);
}

TEST_F(EngineTest, AFaultOfThisMachineIsNoOutcomeAndTheSameYesGoesOn) {
  int calls = 0;
  const Activity<Approved<Subject>, std::string> execute{.effect = Effect::read,
                                                         .act = [&](StepContext&, const Approved<Subject>&) -> Result<std::string> {
                                                           if (++calls < 3) return Error{ErrorKind::storage, "E0412", "no room", "make room", 0};
                                                           return std::string("rows");
                                                         }};
  const auto flow = [&](Context& run, const In&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("run it", Subject{"s", 1}, {}));
    return run.step("execute", execute, *decision.approved);
  };
  add(flow);
  RunState state = run();
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  ASSERT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0412");
  EXPECT_EQ(state.error->hint, "make room; the run is paused, and `sluice runs resume " + state.run.id.text + "` goes on with it");
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::paused) << "only a person takes it up";
  EXPECT_EQ(calls, 1);
  restart();
  add(flow);
  EXPECT_EQ(drive(state.run.id, {.resume = true}).status(), RunStatus::paused);
  EXPECT_EQ(*drive(state.run.id, {.resume = true}).output, Json("rows"));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(count(state.run.id, EventType::step_started), 1) << "one intent, which spent the approval";
  EXPECT_EQ(count(state.run.id, EventType::step_completed), 1);
  EXPECT_EQ(journal_.approvals({.open_only = false})->size(), 1U);
}

TEST_F(EngineTest, AServiceThatIsDownDoesNotUseAYesUp) {
  int calls = 0;
  const auto down = [&]() -> Result<std::string> {
    if (++calls < 7) return Error{ErrorKind::transient, "E0442", "connection refused", "start the server", 0};
    return std::string("rows");
  };
  const Activity<Approved<Subject>, std::string> execute{.effect = Effect::read,
                                                         .act = [&](StepContext&, const Approved<Subject>&) { return down(); }};
  const Activity<In, std::string> look{.effect = Effect::read, .act = [&](StepContext&, const In&) { return down(); }};
  add([&](Context& run, const In& in) -> Result<std::string> {
    if (const auto looked = run.step("look", look, in); looked) return *looked;
    TRY(auto decision, run.wait_for_approval("run it", Subject{"s", 1}, {}));
    return run.step("execute", execute, *decision.approved);
  });
  RunState state = run();
  EXPECT_EQ(calls, 3) << "without a yes it is the step's outcome";
  decide(state, {.action = DecisionAction::approve});
  state = drive(state.run.id);
  ASSERT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0442");
  EXPECT_EQ(calls, 6);
  EXPECT_EQ(*drive(state.run.id, {.resume = true}).output, Json("rows"));
  EXPECT_EQ(count(state.run.id, EventType::step_started), 1);
}

TEST_F(EngineTest, WithoutRoomForALargeValueTheRunPauses) {
  int calls = 0;
  const Activity<In, std::string> large{.effect = Effect::read, .act = [&](StepContext&, const In&) -> Result<std::string> {
                                          ++calls;
                                          return std::string(5000, 'x');
                                        }};
  add([&](Context& run, const In& in) { return run.step("large", large, in); });
  artifacts_.set_full(true);
  RunState state = run();
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0204");
  artifacts_.set_full(false);
  EXPECT_EQ(drive(state.run.id, {.resume = true}).status(), RunStatus::done);
  EXPECT_EQ(calls, 2);

  add([&](Context&, const In&) -> Result<std::string> {
    artifacts_.set_full(++calls == 3);
    return std::string(5000, 'x');
  });
  state = run();
  EXPECT_EQ(state.status(), RunStatus::paused) << "the run's own output";
  EXPECT_EQ(drive(state.run.id, {.resume = true}).output->as_string()->size(), 5000U);
}

TEST_F(EngineTest, TimeIsARecordedValue) {
  std::vector<std::int64_t> seen;
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(const std::int64_t now, run.now_ms("begun"));
    seen.push_back(now);
    TRY_VOID(run.sleep("nap", milliseconds(10)));
    return std::to_string(now);
  });
  const RunState state = run();
  clock_.pass(milliseconds(10));
  EXPECT_EQ(drive(state.run.id).status(), RunStatus::done);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(EngineTest, ARunThatGrowsWithoutEndPausesBeforeItsHistoryIsCut) {
  int calls = 0;
  const auto look = counted(calls);
  add([&](Context& run, const In& in) -> Result<std::string> {
    for (int n = 0; n < kEventsMax; ++n) TRY_VOID(run.scope("n", n).step("look", look, in));
    return in;
  });
  const RunState paused = *engine_->run("w", Json("in"));
  EXPECT_EQ(paused.status(), RunStatus::paused);
  EXPECT_EQ(paused.error->code, "E0141");
  EXPECT_LT(paused.run.head_seq, kEventsMax);
  const int before = calls;
  EXPECT_EQ(engine_->drive(paused.run.id, {.resume = true})->status(), RunStatus::paused);
  EXPECT_LE(calls, before + 1) << "the one that could not be recorded, a read";
  ASSERT_TRUE(engine_->cancel(paused.run.id, "ann", ""));
  EXPECT_EQ(engine_->drive(paused.run.id)->status(), RunStatus::cancelled);
}

TEST_F(EngineTest, TheWrongReleaseDoesNotTakeARunThatItCannotGoOnWith) {
  add([](Context& run, const In& in) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("go on", in, {}));
    return decision.approved ? "yes" : "no";
  });
  const RunState parked = *engine_->run("w", Json("in"));
  ASSERT_TRUE(journal_.decide(parked.open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"}));
  Engine other({journal_, artifacts_, clock_, random_});
  for (int n = 0; n < 10; ++n) EXPECT_EQ(other.drive(parked.run.id).error().code, "E0103");
  EXPECT_EQ(journal_.run(parked.run.id)->status, RunStatus::parked);
  EXPECT_EQ(engine_->drive(parked.run.id)->status(), RunStatus::done);
}

TEST_F(EngineTest, ADedupKeyStartsOnce) {
  add([&](Context&, const In& in) -> Result<std::string> { return in; });
  const RunId first = *engine_->start("w", Json("in"), {.dedup_key = "k"});
  EXPECT_EQ(*engine_->start("w", Json("in"), {.dedup_key = "k"}), first);
  EXPECT_EQ(run({.dedup_key = "k"}).run.id, first);
}

TEST_F(EngineTest, WaitsForADecisionOfAnotherThread) {
  add([&](Context& run, const In&) -> Result<std::string> {
    TRY(auto decision, run.wait_for_approval("ok", Subject{"s", 1}, {}));
    return decision.approved ? "yes" : "no";
  });
  const RunState state = run();
  std::thread person([&] {
    auto decided = journal_.decide(state.open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"});
    EXPECT_TRUE(decided);
  });
  auto ended = engine_->drive_to_end(state.run.id, milliseconds(10'000));
  person.join();
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended->output, Json("yes"));
}

}  // namespace
}  // namespace sluice
