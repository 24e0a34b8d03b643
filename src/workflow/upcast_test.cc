#include "workflow/upcast.h"

#include "workflow/engine_test_base.h"

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

}  // namespace
}  // namespace sluice
