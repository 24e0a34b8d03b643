#include "workflow/upcast.h"

#include "workflow/engine_test_base.h"
#include "workflow/fork.h"

namespace sluice {
namespace {

using workflow_detail::Upcast;

EventInfo event(int form, Json body) {
  EventInfo made{.seq = 1, .type = EventType::step_completed, .body = std::move(body)};
  made.schema_v = form;
  return made;
}

/// Form 2 calls the value `result`, form 3 keeps it in a list.
constexpr std::array<Upcast, 2> kSteps{
    [](EventType type, Json body) { return type == EventType::step_completed ? Json::object().set("result", body["value"]) : body; },
    [](EventType, Json body) { return Json::object().set("results", Json(Json::Array{body["result"]})); }};

TEST(Upcasting, LeadsThroughEveryFormInBetween) {
  const auto brought = workflow_detail::upcast({"r-1"},
                                               {event(1, Json::object().set("value", 7)), event(2, Json::object().set("result", 8)),
                                                event(3, Json::object().set("results", Json(Json::Array{9})))},
                                               kSteps);
  ASSERT_TRUE(brought) << brought.error().message;
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(brought->at(n).body["results"].as_array()->front(), Json(7 + static_cast<int>(n)));
    EXPECT_EQ(brought->at(n).schema_v, 3);
  }
}

TEST(Upcasting, DoesNotGuessAtANewerForm) {
  const auto refused = workflow_detail::upcast({"r-1"}, {event(4, Json::object())}, kSteps);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E0140");
  EXPECT_NE(refused.error().message.find("form 4"), std::string::npos);
}

TEST(Upcasting, TodaysEventsStayAsTheyAre) {
  const auto same = workflow_detail::upcast({"r-1"}, {event(kEventSchema, Json::object().set("value", 7))});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->front().body, Json::object().set("value", 7));
}

TEST_F(EngineTest, ARunOfANewerFormIsPausedAndNotMisread) {
  int calls = 0;
  const auto look = counted(calls);
  const auto flow = [&](Context& run, const In& in) -> Result<std::string> {
    TRY(const std::string found, run.step("look", look, in));
    TRY(auto decision, run.wait_for_approval("go on", found, {}));
    return std::string(decision.approved ? "yes" : "no");
  };
  add(flow);
  const RunState waiting = run();
  ASSERT_EQ(waiting.status(), RunStatus::parked);
  // What a newer program would have appended: its bodies say which form they have.
  const RunInfo claimed = *journal_.claim(waiting.run.id, *journal_.register_node());
  Append newer{.run = claimed.id, .epoch = claimed.epoch, .head_seq = claimed.head_seq};
  newer.events.push_back({.type = EventType::value_recorded, .path = "x", .body = Json::object().set("schema_v", kEventSchema + 1)});
  newer.transition = Transition{.to = RunStatus::ready};
  ASSERT_TRUE(journal_.append(newer));
  EXPECT_EQ(engine_->preflight(waiting.run.id)->problem->code, "E0140");
  const RunState state = drive(waiting.run.id);
  EXPECT_EQ(state.status(), RunStatus::paused);
  EXPECT_EQ(state.error->code, "E0140");
  EXPECT_EQ(calls, 1);
}

/// Between a release with form 1 and one with form 2, which shows in every word that it has brought an event over: twice would be seen.
class FormTwoTest : public EngineTest {
 protected:
  static Json marked(EventType type, Json body) {
    for (const char* name : {"input", "value", "output"})
      if (!body.text(name).empty()) body.set(name, std::string(body.text(name)) + " (1)");
    if (type == EventType::step_started) body.set("effect", "keyed");
    return body;
  }
  static constexpr std::array<Upcast, 1> kForms{[](EventType type, Json body) { return marked(type, std::move(body)); }};

  void add_to(Engine& engine) {
    engine.add<In, std::string>("leaf", "1", [](Context&, const In& in) -> Result<std::string> { return in + "."; });
    engine.add<In, std::string>("w", "1", [this](Context& run, const In& in) -> Result<std::string> {
      TRY(const std::string found, run.step("look", look_, In("x")));
      TRY(auto decision, run.wait_for_approval("go on", In("so?"), {}));
      TRY(const std::string leaf, run.child<std::string>("leaf", "leaf", In("y")));
      return in + ", " + found + ", " + leaf;
    });
  }
  std::unique_ptr<Engine> newer() {
    auto engine = std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, clock_, random_}, options_, workflow_detail::EventForms(kForms));
    add_to(*engine);
    return engine;
  }
  void older() {
    restart();
    add_to(*engine_);
  }
  void approve(const RunId& id) {
    ASSERT_TRUE(journal_.decide(journal_.open_approval_of(id)->id, {.action = DecisionAction::approve, .decided_by = "ann"}));
  }

  int calls_ = 0;
  Activity<In, std::string> look_ = [this] {
    auto look = counted(calls_);
    look.proposes = true;
    return look;
  }();
};

TEST_F(FormTwoTest, WhatItWritesItReadsAsItIs) {
  const auto engine = newer();
  const RunState waiting = *engine->run("w", Json("in"));
  EXPECT_EQ(waiting.input, Json("in"));
  approve(waiting.run.id);
  const auto engine_after_a_crash = newer();
  const auto done = engine_after_a_crash->drive(waiting.run.id);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done->output, Json("in, x!, y."));
  EXPECT_EQ(*engine->state(waiting.run.id)->output, Json("in, x!, y."));
  EXPECT_EQ(engine->state(waiting.run.id)->input, Json("in"));
  const auto runs = journal_.runs({});
  ASSERT_EQ(runs->size(), 2U) << "it and its child";
  for (const RunInfo& run : *runs) {
    const std::vector<EventInfo> events = *journal_.events(run.id);
    for (const EventInfo& event : events) {
      EXPECT_EQ(event.body.integer("schema_v"), 2) << run.id.text << " " << event.seq;
      EXPECT_EQ(event.schema_v, 2);
    }
  }
}

TEST_F(FormTwoTest, WhatAnOlderReleaseWroteIsBroughtOverOnce) {
  older();
  const RunState waiting = run();
  approve(waiting.run.id);
  const RunState parent = drive(waiting.run.id, {.with_children = false});
  const RunId leaf = journal_.runs({.parent = parent.run.id})->front().id;
  ASSERT_EQ(drive(leaf).status(), RunStatus::done);
  const std::vector<EventInfo> written = *journal_.events(parent.run.id);
  for (const EventInfo& event : written) EXPECT_EQ(event.body.find("schema_v"), nullptr) << "form 1 does not say so";
  const auto engine = newer();
  EXPECT_EQ(*engine->state(leaf)->output, Json("y. (1)"));
  const auto done = engine->drive(parent.run.id);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->input, Json("in (1)"));
  EXPECT_EQ(*done->output, Json("in (1), x! (1), y. (1)"));
  EXPECT_EQ(engine->state(parent.run.id)->input, Json("in (1)"));
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(engine_->state(parent.run.id).error().code, "E0140") << "and the older one does not guess at what came of it";
}

TEST_F(FormTwoTest, ACancellationReadsWhatWasInFlight) {
  older();
  const RunState waiting = run();
  const RunInfo claimed = *journal_.claim(waiting.run.id, *journal_.register_node());
  Append begun{.run = claimed.id, .epoch = claimed.epoch, .head_seq = claimed.head_seq};
  begun.events.push_back({.type = EventType::step_started, .path = "act", .try_no = 1, .body = Json::object().set("effect", "read")});
  begun.transition = Transition{.to = RunStatus::ready};
  ASSERT_TRUE(journal_.append(begun));
  const auto state = newer()->cancel(claimed.id, "ann", "");
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->status(), RunStatus::cancelled);
  EXPECT_NE(state->error->message.find("\"act\" was in flight"), std::string::npos) << state->error->message;
}

TEST_F(FormTwoTest, AForkKeepsTheFormOfEachEvent) {
  older();
  const RunState waiting = run();
  const auto engine = newer();
  const auto events = workflow_detail::EventForms(kForms).read(journal_, waiting.run.id);
  ForkPlan plan = *plan_fork_with(waiting.run.id, *events, "look", Json("z"), "ann");
  const auto fork = engine->fork({.from = waiting.run.id, .keep_seq = plan.keep_seq, .last = plan.last, .by = "ann"});
  ASSERT_TRUE(fork) << fork.error().message;
  const auto kept = *journal_.events(fork->run.id);
  EXPECT_EQ(kept.front().schema_v, 1);
  EXPECT_EQ(kept.back().schema_v, 2);
  ASSERT_TRUE(engine->drive(fork->run.id));
  approve(fork->run.id);
  EXPECT_EQ(*engine->drive(fork->run.id)->output, Json("in (1), z, y."));
}

}  // namespace
}  // namespace sluice
