#include "app/run_at.h"

#include <gtest/gtest.h>

#include "workflow/ports/journal_errors.h"

namespace sluice {
namespace {

EventInfo event(std::int64_t seq, EventType type, const std::string& path, Json body = Json::object()) {
  return {.seq = seq, .type = type, .path = path, .body = std::move(body), .at = 1000 * seq};
}

/// A question that was refined, approved and answered.
std::vector<EventInfo> history() {
  const auto value = [](Json json) { return Json::object().set("value", std::move(json)); };
  const auto asked = [](const char* id) { return Json::object().set("approval_id", id); };
  const auto decided = [](const char* id, const char* status) {
    return Json::object().set("approval_id", id).set("status", status).set("decided_by", "ann");
  };
  const Json checks = Json::array().push(Json::object().set("check", "parses").set("outcome", "passed"));
  return {event(1, EventType::run_started, ""),
          event(2, EventType::step_completed, "round[0]/propose", value(Json::object().set("sql", "SELECT 1"))),
          event(3, EventType::step_completed, "round[0]/prove", value(Json::object().set("checks", checks))),
          event(4, EventType::approval_requested, "round[0]/run this query", asked("a-1")),
          event(5, EventType::approval_decided, "round[0]/run this query", decided("a-1", "refined").set("feedback", "two")),
          event(6, EventType::step_completed, "round[1]/propose", value(Json::object().set("sql", "SELECT 2"))),
          event(7, EventType::paused, "", Json::object().set("error", encode(Error::bug("no disk")))),
          event(8, EventType::approval_requested, "round[1]/run this query", asked("a-2")),
          event(9, EventType::approval_decided, "round[1]/run this query", decided("a-2", "approved")),
          event(10, EventType::step_started, "round[1]/execute", asked("a-2")),
          event(11, EventType::step_completed, "round[1]/execute", value(Json::object().set("result", "hash"))),
          event(12, EventType::finished, "")};
}

RunView today() {
  RunView now;
  now.state.run = {.id = {"r-1"}, .status = RunStatus::done, .head_seq = 12};
  now.state.output = Json("answer");
  now.status = AskStatus::answered;
  now.answer.proposal.sql = "SELECT 2";
  now.models.calls = 3;
  return now;
}

RunAt at(std::int64_t seq) {
  const auto approval = [](const ApprovalId& id) -> Result<ApprovalInfo> {
    if (id.text == "a-1") return approval_not_found(id.text);  // of a run that this one was forked from, in another journal
    return ApprovalInfo{.id = id, .status = ApprovalStatus::approved, .decided_by = "ann", .decided_at = 9000, .spent_seq = 10};
  };
  auto then = run_at(today(), history(), seq, approval, [](const EventInfo& step) -> Result<Json> { return step.body["value"]; });
  EXPECT_TRUE(then) << then.error().message;
  return then ? *then : RunAt{};
}

TEST(RunAtTest, AMomentIsAStepsLastEventOrANumber) {
  const RunInfo run{.id = {"r-1"}, .head_seq = 12};
  EXPECT_EQ(*find_moment(run, history(), "round[0]/run this query"), 5);
  EXPECT_EQ(*find_moment(run, history(), "execute"), 11);
  EXPECT_EQ(*find_moment(run, history(), "4"), 4);
  for (const char* wrong : {"0", "13", "-1", "propose", "exceute", ""}) {
    const auto found = find_moment(run, history(), wrong);
    ASSERT_FALSE(found) << wrong;
    EXPECT_EQ(found.error().code, "E0127");
  }
}

TEST(RunAtTest, NothingOfLaterIsKnown) {
  const RunAt proposed = at(2);
  EXPECT_EQ(proposed.view.answer.proposal.sql, "SELECT 1");
  EXPECT_TRUE(proposed.view.answer.proof.checks.empty());
  EXPECT_FALSE(proposed.view.approval);
  EXPECT_EQ(proposed.view.status, AskStatus::waiting);
  EXPECT_FALSE(proposed.view.state.output);
  EXPECT_EQ(proposed.view.models.calls, 0);
  EXPECT_EQ(proposed.later, 10);
  EXPECT_EQ(at(3).view.answer.proof.checks.size(), 1U);
  EXPECT_EQ(at(6).view.answer.proposal.sql, "SELECT 2");
}

TEST(RunAtTest, AnApprovalIsAsItWasThen) {
  const RunAt asked = at(8);
  ASSERT_TRUE(asked.view.approval);
  EXPECT_EQ(asked.view.approval->status, ApprovalStatus::open);
  EXPECT_EQ(asked.view.approval->decided_by, "");
  EXPECT_FALSE(asked.view.approval->spent_seq);
  EXPECT_EQ(asked.view.state.status(), RunStatus::parked);
  const RunAt decided = at(9);
  EXPECT_EQ(decided.view.approval->status, ApprovalStatus::approved);
  EXPECT_EQ(decided.view.approval->decided_at, 9000);
  EXPECT_FALSE(decided.view.approval->spent_seq);
  EXPECT_EQ(at(10).view.approval->spent_seq, 10);
  EXPECT_EQ(at(5).view.approval->feedback, "two");  // as the events tell, where the approval is not here
}

TEST(RunAtTest, PausesResultsAndTheEnd) {
  EXPECT_EQ(at(7).view.status, AskStatus::paused);
  ASSERT_TRUE(at(7).view.state.error);
  EXPECT_EQ(at(7).view.state.error->message, "no disk");
  EXPECT_FALSE(at(8).view.state.error);
  EXPECT_EQ(at(10).view.answer.execution.result, "");
  EXPECT_EQ(at(11).view.answer.execution.result, "hash");
  EXPECT_EQ(at(12).view.status, AskStatus::answered);
  EXPECT_EQ(at(12).later, 0);
}

}  // namespace
}  // namespace sluice
