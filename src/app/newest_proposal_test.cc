#include "app/newest_proposal.h"

#include <gtest/gtest.h>

#include "approvals/card.h"

namespace sluice {
namespace {

const RunId kRun{"run_1"};

/// The events of a run, told step by step.
struct Told {
  std::vector<EventInfo> events{};
  std::optional<ApprovalInfo> newest_approval{};

  Told& step(std::string path, Json value) {
    events.push_back({.type = EventType::step_completed, .path = std::move(path), .body = Json::object().set("value", std::move(value))});
    return *this;
  }
  Told& failed(std::string path) {
    events.push_back({.type = EventType::step_completed, .path = std::move(path), .body = Json::object().set("error", "no answer")});
    return *this;
  }
  Told& asks(std::string path) { return asks(std::move(path), {.act = "Run on shop"}); }
  Told& asks(std::string path, const Card& card) {
    newest_approval = ApprovalInfo{.id = {"a-" + std::to_string(events.size())}, .card = encode(card)};
    events.push_back(
        {.type = EventType::approval_requested, .path = std::move(path), .body = Json::object().set("approval_id", newest_approval->id.text)});
    return *this;
  }
  Told& proposed(const std::string& round, const std::string& sql) {
    return step(round + "/propose", encode(Proposal{.sql = sql})).step(round + "/prove", encode(Proof{.statement_hash = "of " + sql}));
  }
  AskAnswer newest() const {
    const auto answer = newest_proposal(kRun, events, newest_approval, [](const EventInfo& event) -> Result<Json> { return event.body["value"]; });
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : AskAnswer{};
  }
};

TEST(NewestProposal, IsThatOfTheNewestRound) {
  Told told;
  EXPECT_EQ(told.newest().proposal.sql, "");
  told.proposed("round[0]", "SELECT 1").asks("round[0]/run this query");
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 1");
  told.step("round[1]/propose", encode(Proposal{.sql = "SELECT 2"}));
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 2");
  EXPECT_EQ(told.newest().proof.statement_hash, "") << "the proof of another query is none of it";
}

TEST(NewestProposal, OfAModelIsWhatWasSettledAndNoCandidate) {
  Told told;
  told.failed("round[0]/propose").step("round[0]/agent[0]/try[0]/candidate[0]/prove", encode(Proof{.statement_hash = "of a draft"}));
  EXPECT_EQ(told.newest().proof.statement_hash, "");
  told.step("round[0]/agent[0]/try[0]/settle", encode(Worked{.proposal = {.sql = "SELECT 1"}, .proof = {.statement_hash = "of SELECT 1"}}));
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 1");
  EXPECT_EQ(told.newest().proof.statement_hash, "of SELECT 1");
}

TEST(NewestProposal, OfARoundThatOnlyAsksIsWhatWasShownBefore) {
  Told told;
  told.proposed("round[0]", "SELECT 1").asks("round[0]/run this query").proposed("round[1]", "SELECT 2").asks("round[1]/run this query");
  told.proposed("round[2]", "DELETE FROM orders");
  EXPECT_EQ(told.newest().proposal.sql, "DELETE FROM orders");
  for (const char* round : {"round[3]", "round[5]"}) {  // in between, in round[4], nothing came of a refinement at all
    told.asks(std::string(round) + "/run this query");
    EXPECT_EQ(told.newest().proposal.sql, "SELECT 2") << round;
    EXPECT_EQ(told.newest().proof.statement_hash, "of SELECT 2") << round;
    told.failed("round[4]/propose");
  }
  told.proposed("round[6]", "SELECT 3").asks("round[6]/run this query");
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 3");
}

TEST(NewestProposal, OfAModelThatAsksBackIsItsQuestion) {
  const Card card{.answered_by = "default (openai/m)", .asks = "Which orders?", .choices = {{"paid ones", "Which orders? paid ones"}}};
  const auto is_the_question = [](const AskAnswer& answer) {
    ASSERT_EQ(answer.proposal.choices.size(), 1U);
    EXPECT_EQ(answer.proposal.asks, "Which orders?");
    EXPECT_EQ(answer.proposal.choices.front().feedback, "Which orders? paid ones");
    EXPECT_EQ(answer.proposal.answered_by, "default (openai/m)");
    EXPECT_EQ(answer.proposal.sql + answer.proof.statement_hash, "");
  };
  is_the_question(Told().asks("round[0]/answer this question", card).newest());
  Told told;
  told.proposed("round[0]", "SELECT 1").asks("round[0]/run this query").asks("round[1]/answer this question", card);
  is_the_question(told.newest());
  // A draft that left a doubt was settled in the same round.
  told.step("round[2]/agent[0]/try[0]/settle", encode(Worked{.proposal = {.sql = "SELECT 2"}, .proof = {.statement_hash = "of SELECT 2"}}));
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 2") << "what an answer led to";
  EXPECT_EQ(told.newest().proposal.asks, "");
  is_the_question(told.asks("round[2]/answer this question", card).newest());
  told.failed("round[3]/propose").asks("round[4]/answer this question", card);
  is_the_question(told.newest());
  told.proposed("round[5]", "SELECT 3").asks("round[5]/run this query");
  EXPECT_EQ(told.newest().proposal.sql, "SELECT 3");
  EXPECT_TRUE(told.newest().proposal.choices.empty());
}

TEST(NewestProposal, ADamagedRecordIsNamed) {
  Told told;
  told.step("round[0]/propose", Json("no proposal"));
  const auto answer = newest_proposal(kRun, told.events, std::nullopt, [](const EventInfo& event) -> Result<Json> { return event.body["value"]; });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E0202");
}

}  // namespace
}  // namespace sluice
