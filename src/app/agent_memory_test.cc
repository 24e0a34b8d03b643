#include "app/agent_memory.h"

#include <gtest/gtest.h>

#include <sstream>

#include "agents/counting_ledger_for_test.h"
#include "app/run_copy.h"
#include "approvals/card.h"
#include "workflow/memory_journal.h"

namespace sluice {
namespace {

/// Runs whose approvals were decided as a test says.
class AgentMemoryTest : public testing::Test {
 protected:
  MemoryJournal journal_{[] { return TimeMs{1}; }};
  CountingLedger ledger_{};
  NodeId node_{*journal_.register_node()};
  int approvals_ = 0;

  void start(const std::string& run) {
    ASSERT_TRUE(journal_.create_run({.id = {run}, .name = "ask", .code_version = "1", .input = Json("in"), .claim_by = node_}));
  }
  /// `run` shows `sql` in its round `round`, and "ann" decides.
  void decided(const std::string& run, int round, const std::string& sql, DecisionAction action, double score = 0.6) {
    const ApprovalId id = shown(run, round, sql, score);
    ASSERT_TRUE(journal_.decide(id, {.action = action, .feedback = action == DecisionAction::refine ? "differently" : "", .decided_by = "ann"}));
  }
  ApprovalId shown(const std::string& run, int round, const std::string& sql, double score = 0.6) {
    const ApprovalId id{"a-" + std::to_string(++approvals_)};
    const RunInfo info = *journal_.run({run});
    Append append{.run = {run}, .epoch = info.epoch, .head_seq = info.head_seq};
    append.approvals.push_back({.id = id,
                                .path = "round[" + std::to_string(round) + "]/run this query",
                                .subject_hash = "of " + sql,
                                .card = encode(Card{.connection = "shop", .question = "how many?", .sql = sql, .score = score})});
    append.events.push_back({.type = EventType::approval_requested, .path = append.approvals[0].path});
    const auto appended = journal_.append(append);
    EXPECT_TRUE(appended) << appended.error().message;
    return id;
  }
  /// "0.6 yes, 0.6 no", newest first.
  std::string history() {
    const auto memory = read_agent_memory(journal_, ledger_, "shop");
    EXPECT_TRUE(memory) << memory.error().message;
    std::string out;
    for (const DecidedScore& decision : memory->history)
      out += (out.empty() ? "" : ", ") + Json(decision.score).dump() + (decision.approved ? " yes" : " no");
    return out;
  }
};

TEST_F(AgentMemoryTest, AProposalThatIsShownAgainCountsOnceByTheLastWord) {
  start("r-1");
  decided("r-1", 0, "SELECT 1", DecisionAction::refine);
  EXPECT_EQ(history(), "0.6 no");
  decided("r-1", 2, "SELECT 1", DecisionAction::refine);
  decided("r-1", 4, "SELECT 1", DecisionAction::refine);
  EXPECT_EQ(history(), "0.6 no") << "words that led nowhere say nothing more about it";
  shown("r-1", 6, "SELECT 1");
  EXPECT_EQ(history(), "0.6 no") << "nothing was said yet";
  start("r-2");
  for (const int round : {0, 2}) decided("r-2", round, "SELECT 1", DecisionAction::refine, 0.5);
  decided("r-2", 4, "SELECT 1", DecisionAction::approve, 0.5);
  EXPECT_EQ(history(), "0.5 yes, 0.6 no") << "another run's is another";
}

TEST_F(AgentMemoryTest, EachProposalOfARunCounts) {
  start("r-1");
  decided("r-1", 0, "SELECT 1", DecisionAction::refine, 0.25);
  decided("r-1", 1, "SELECT 2", DecisionAction::approve, 0.75);
  EXPECT_EQ(history(), "0.75 yes, 0.25 no");
  start("r-2");
  decided("r-2", 0, "SELECT 3", DecisionAction::reject, 0);
  EXPECT_EQ(history(), "0.75 yes, 0.25 no") << "nothing was calibrated from it";
}

/// A file from elsewhere could say anything: what it calls approved teaches no model here.
TEST_F(AgentMemoryTest, WhatWasImportedTeachesNothing) {
  start("r-1");
  decided("r-1", 0, "SELECT 1", DecisionAction::approve);
  EXPECT_EQ(read_agent_memory(journal_, ledger_, "shop")->examples.size(), 1U);
  MemoryArtifacts artifacts;
  std::stringstream file;
  ASSERT_TRUE(write_copy(journal_, artifacts, {"r-1"}, file));
  MemoryJournal other([] { return TimeMs{1}; });
  ASSERT_TRUE(read_copy(other, artifacts, file, "bob"));
  EXPECT_EQ(other.approval({"a-1"})->status, ApprovalStatus::approved);
  const auto memory = read_agent_memory(other, ledger_, "shop");
  ASSERT_TRUE(memory);
  EXPECT_TRUE(memory->examples.empty());
  EXPECT_TRUE(memory->history.empty());
}

}  // namespace
}  // namespace sluice
