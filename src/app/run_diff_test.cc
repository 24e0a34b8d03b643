#include "app/run_diff.h"

#include <gtest/gtest.h>

#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

EventInfo event(EventType type, const std::string& path, Json body, const std::string& in_hash = "h") {
  return {.type = type, .path = path, .in_hash = in_hash, .body = std::move(body)};
}
EventInfo step(const std::string& path, Json value, const std::string& in_hash = "h") {
  return event(EventType::step_completed, path, Json::object().set("input", in_hash).set("value", std::move(value)), in_hash);
}

class RunDiffTest : public testing::Test {
 protected:
  RunDiff diff(const std::vector<EventInfo>& first, const std::vector<EventInfo>& second) {
    auto made = diff_runs({one, first}, {other, second}, journal, artifacts);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : RunDiff{};
  }
  FakeClock clock{};
  MemoryJournal journal{[this] { return clock.now(); }};
  MemoryArtifacts artifacts{};
  RunView one{}, other{};
};

std::vector<std::string> lines(const RunDiff& diff) {
  std::vector<std::string> out;
  for (const StepDifference& difference : diff.differences)
    out.push_back(difference.path + " | " + std::string(enum_name(difference.what)) + " | " + difference.detail);
  return out;
}
using Lines = std::vector<std::string>;

TEST_F(RunDiffTest, StepsAreAlignedByTheirPaths) {
  const std::vector<EventInfo> first{step("a", 1), step("b", 1), step("d", 1), step("e", 1)},
      second{step("a", 1), step("c", 1), step("d", 1), step("f", 1)};
  const RunDiff made = diff(first, second);
  EXPECT_EQ(lines(made), (Lines{"c | only in the second | ", "b | only in the first | ", "f | only in the second | ", "e | only in the first | "}));
  EXPECT_EQ(made.steps_same, 2);
  EXPECT_TRUE(diff(first, first).same());
  EXPECT_TRUE(diff({}, {}).same());
}

TEST_F(RunDiffTest, SaysWhereInputAndResultDiffer) {
  const auto at = [](int n) { return Json::object().set("sql", "x").set("rows", n); };
  EXPECT_EQ(lines(diff({step("a", at(1))}, {step("a", at(2))})), (Lines{"a | result | at /rows: first 1, second 2"}));
  EXPECT_EQ(lines(diff({step("a", 1, "h1")}, {step("a", 1, "h2")})), (Lines{R"(a | input | first "h1", second "h2")"}));
  EXPECT_EQ(lines(diff({step("a", 1)}, {event(EventType::step_started, "a", Json::object())})),
            (Lines{"a | result | only the first run has come to one"}));
  const EventInfo failed = event(EventType::step_completed, "a", Json::object().set("error", Json::object().set("code", "E0340")));
  EXPECT_EQ(diff({step("a", 1)}, {failed}).differences.size(), 1U);
}

TEST_F(RunDiffTest, MeasuredTimesAreNoDifference) {
  const auto took = [](int ms) { return Json::object().set("stats", Json::array().push(Json::object().set("elapsed_ms", ms).set("rows", 3))); };
  EXPECT_TRUE(diff({step("a", took(5))}, {step("a", took(7))}).same());
  const auto due = [](int at) { return event(EventType::timer_set, "nap", Json::object().set("due_at", at)); };
  EXPECT_TRUE(diff({due(5)}, {due(6)}).same());
}

TEST_F(RunDiffTest, LargeValuesAreReadFromTheirArtifacts) {
  const auto large = [this](const std::string& text) {
    return event(EventType::step_completed, "a", Json::object().set("artifact", *artifacts.put(Json(text).dump())));
  };
  EXPECT_EQ(lines(diff({large("x")}, {large("y")})), (Lines{R"(a | result | first "x", second "y")"}));
  EXPECT_TRUE(diff({large("x")}, {step("a", "x")}).same());  // wherever it is kept
  const std::vector<EventInfo> lost{event(EventType::step_completed, "a", Json::object().set("artifact", std::string(64, '0')))},
      there{step("a", "x")};
  const auto made = diff_runs({one, lost}, {other, there}, journal, artifacts);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "E0122");
}

TEST_F(RunDiffTest, AYesIsARunsOwnAndWhatItIsForIsNot) {
  const auto spent = [](const std::string& id, const std::string& sql) {
    const Json input = Json::object().set("approval_id", id).set("subject", Json::object().set("sql", sql));
    return event(EventType::step_started, "execute", Json::object().set("approval_id", id).set("input", input), id + sql);
  };
  const auto decided = [](const std::string& id, const std::string& status) {
    return event(EventType::approval_decided, "ask", Json::object().set("approval_id", id).set("status", status));
  };
  EXPECT_TRUE(diff({decided("a-1", "approved"), spent("a-1", "x")}, {decided("a-2", "approved"), spent("a-2", "x")}).same());
  EXPECT_EQ(lines(diff({spent("a-1", "x")}, {spent("a-2", "y")})), (Lines{R"(execute | input | at /sql: first "x", second "y")"}));
  EXPECT_EQ(diff({decided("a-1", "approved")}, {decided("a-2", "rejected")}).differences.size(), 1U);
}

TEST_F(RunDiffTest, InputOutputAndEndOfTheRun) {
  one.state.input = Json::object().set("question", "a");
  other.state.input = Json::object().set("question", "b");
  EXPECT_EQ(lines(diff({}, {})), (Lines{R"(input of the run | input | at /question: first "a", second "b")"}));
  other.state.input = one.state.input;
  one.state.output = Json(1);
  other.state.output = Json(2);
  EXPECT_EQ(lines(diff({}, {})), (Lines{"output of the run | result | first 1, second 2"}));
  EXPECT_EQ(diff({step("a", 1)}, {step("a", 2)}).differences.size(), 1U);  // where it began says enough
  other.state.output = one.state.output;
  other.status = AskStatus::cancelled;
  EXPECT_FALSE(diff({}, {}).same());
}

}  // namespace
}  // namespace sluice
