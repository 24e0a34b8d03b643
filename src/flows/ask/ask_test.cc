#include "flows/ask/ask.h"

#include <gtest/gtest.h>

#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

Proof good_proof(const std::string& sql) {
  Proof proof;
  proof.checks = {{.check = "parses", .outcome = Outcome::passed, .detail = "it parses"}};
  proof.statement_hash = "hash of " + sql;
  proof.schema_fingerprint = "schema";
  return proof;
}

/// Whoever asks for "sales" has to say of what, until they did.
Proposal sales_of_what() {
  return {.answered_by = "built-in",
          .asks = "\"sales\": the amount of orders, or the number of orders?",
          .choices = {{"the amount of orders", "by amount"}, {"the number of orders", "by number"}}};
}

/// `ask` over a real engine, with ports that say what they were asked for.
class AskTest : public testing::Test {
 protected:
  FakeClock clock_{};
  SeededRandom random_{7};
  MemoryJournal journal_{[this] { return clock_.now(); }};
  MemoryArtifacts artifacts_{};
  AskPorts ports_{};
  AskInput input_{.connection = "shop", .question = "how many orders?"};
  std::vector<ProposeInput> proposed_{};
  std::vector<bool> fresh_{};
  std::vector<std::string> executed_{};
  std::vector<Error> execute_fails_{};  ///< one a call, first to last
  std::unique_ptr<Engine> engine_ = nullptr;

  AskTest() {
    ports_.read_catalog = {.effect = Effect::read, .act = [this](StepContext&, const ReadCatalog& input) -> Result<CatalogRef> {
                             fresh_.push_back(input.fresh);
                             return CatalogRef{input.connection, "catalog"};
                           }};
    ports_.propose = {.effect = Effect::read, .act = [this](StepContext&, const ProposeInput& input) -> Result<Proposal> {
                        proposed_.push_back(input);
                        if (!input.sql.empty()) return Proposal{.sql = input.sql, .answered_by = "person"};
                        std::string sql = "SELECT 1";
                        for (const std::string& feedback : input.feedback) {
                          if (feedback == "nonsense") return Error{ErrorKind::unanswerable, "E0600", "cannot place \"nonsense\"", "", 0};
                          sql += " /* " + feedback + " */";
                          if (feedback == "as sales") return sales_of_what();
                        }
                        if (input.question == "sales?" && input.feedback.empty()) return sales_of_what();
                        return Proposal{.sql = sql, .confidence = 0.9, .answered_by = "built-in"};
                      }};
    ports_.prove = {.effect = Effect::read, .act = [](StepContext&, const ProveInput& input) -> Result<Proof> {
                      Proof proof = good_proof(input.sql);
                      if (input.sql.starts_with("DELETE"))
                        proof.checks = {{.check = "reads-only", .outcome = Outcome::failed, .detail = "DELETE writes"}};
                      return proof;
                    }};
    ports_.execute = {.effect = Effect::read, .act = [this](StepContext&, const Approved<SqlSubject>& approved) -> Result<Execution> {
                        executed_.push_back(approved.subject().sql);
                        if (execute_fails_.empty()) return Execution{.result = "rows", .stats = {.rows = 3}};
                        Error error = execute_fails_.front();
                        execute_fails_.erase(execute_fails_.begin());
                        return error;
                      }};
    restart();
  }

  void restart() {
    engine_ = std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, clock_, random_}, EngineOptions{.watch_interval = milliseconds(0)});
    engine_->add<AskInput, AskAnswer>("ask", "1", [this](Context& run, const AskInput& input) { return ask(run, ports_, input); });
  }
  RunState start() {
    auto state = engine_->run("ask", encode(input_));
    EXPECT_TRUE(state) << state.error().message;
    return *state;
  }
  RunState decide(const RunState& state, DecisionInput decision) {
    EXPECT_EQ(state.open_approvals.size(), 1U);
    decision.decided_by = "ann";
    auto decided = journal_.decide(state.open_approvals.front(), decision);
    EXPECT_TRUE(decided) << decided.error().message;
    restart();  // every decision finds a process that knows nothing but the journal
    auto next = engine_->drive(state.run.id);
    EXPECT_TRUE(next) << next.error().message;
    return *next;
  }
  static AskAnswer answer(const RunState& state) {
    EXPECT_TRUE(state.output) << (state.error ? state.error->message : "no output");
    auto answer = decode<AskAnswer>(state.output.value_or(Json::object()));
    EXPECT_TRUE(answer);
    return *answer;
  }
  Json card(const RunState& state) { return journal_.approval(state.open_approvals.front())->card; }
};

TEST_F(AskTest, RunsExactlyWhatWasApproved) {
  const AskAnswer got = answer(decide(start(), {.action = DecisionAction::approve}));
  EXPECT_EQ(got.status, AskStatus::answered);
  EXPECT_EQ(got.decided_by, "ann");
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
  EXPECT_EQ(proposed_.size(), 1U) << "a recorded step runs once, also after a restart";
}

TEST_F(AskTest, NothingRunsWhenRejected) {
  const AskAnswer got = answer(decide(start(), {.action = DecisionAction::reject, .reason = "wrong table"}));
  EXPECT_EQ(got.status, AskStatus::rejected);
  EXPECT_EQ(got.reason, "wrong table");
  EXPECT_TRUE(executed_.empty());
}

TEST_F(AskTest, ARefinementIsAnotherProposalAndAnotherApproval) {
  const RunState first = start();
  const RunState second = decide(first, {.action = DecisionAction::refine, .feedback = "only JFK"});
  ASSERT_EQ(second.open_approvals.size(), 1U);
  EXPECT_NE(second.open_approvals, first.open_approvals);
  EXPECT_EQ(answer(decide(second, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1 /* only JFK */"});
}

TEST_F(AskTest, ARefinementDaysLaterIsStillAboutTheDayOfTheQuestion) {
  input_.today = "2013-02-28";
  input_.glossary = "words of that day";
  const RunState first = start();
  clock_.pass(std::chrono::hours(72));
  decide(first, {.action = DecisionAction::refine, .feedback = "only JFK"});
  ASSERT_EQ(proposed_.size(), 2U);
  EXPECT_EQ(proposed_[0].today, "2013-02-28");
  EXPECT_EQ(proposed_[1].today, "2013-02-28");
  EXPECT_EQ(proposed_[1].glossary, "words of that day");
}

TEST_F(AskTest, WhatIsNotKnownOfTheDayLeavesTheRecordAsItWas) {
  EXPECT_EQ(encode(ProposeInput{.catalog = {"shop", "catalog"}, .question = "q"}).dump_text(),
            R"({"catalog":{"connection":"shop","artifact":"catalog"},"question":"q"})");
  EXPECT_EQ(encode(AskInput{.connection = "shop", .question = "q"}).dump_text(), R"({"connection":"shop","question":"q"})");
}

TEST_F(AskTest, AQuestionBackIsTheEndWhereNobodyIsThere) {
  input_.question = "sales?";
  const AskAnswer got = answer(start());
  EXPECT_EQ(got.status, AskStatus::unanswerable);
  EXPECT_EQ(got.error->code, "E0504");
  EXPECT_EQ(got.error->message, sales_of_what().asks);
  EXPECT_EQ(got.proposal.choices, sales_of_what().choices);
}

TEST_F(AskTest, AChoiceIsARefinement) {
  input_.question = "sales?";
  input_.interactive = true;
  const RunState asked = start();
  ASSERT_EQ(asked.open_approvals.size(), 1U);
  EXPECT_EQ(card(asked).text("asks"), sales_of_what().asks);
  const RunState proposed = decide(asked, {.action = DecisionAction::refine, .feedback = "by number"});
  EXPECT_EQ(proposed_.back().feedback, std::vector<std::string>{"by number"});
  EXPECT_EQ(card(proposed).text("asks"), "");
  EXPECT_EQ(answer(decide(proposed, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1 /* by number */"});
  EXPECT_EQ(proposed_.size(), 2U);
}

TEST_F(AskTest, AnAnswerThatLeadsNowhereIsAskedForAgain) {
  input_.question = "sales?";
  input_.interactive = true;
  const RunState again = decide(start(), {.action = DecisionAction::refine, .feedback = "nonsense"});
  EXPECT_EQ(card(again).text("asks"), sales_of_what().asks);
  EXPECT_EQ(card(again).text("notice"), "back to the former question: cannot place \"nonsense\"");
  const RunState proposed = decide(again, {.action = DecisionAction::refine, .feedback = "by amount"});
  EXPECT_EQ(card(proposed).text("sql"), "SELECT 1 /* by amount */");
}

TEST_F(AskTest, AQuestionBackTakesSqlForAnAnswerButNoYes) {
  input_.question = "sales?";
  input_.interactive = true;
  const RunState again = decide(start(), {.action = DecisionAction::approve});
  EXPECT_EQ(card(again).text("asks"), sales_of_what().asks);
  EXPECT_TRUE(executed_.empty());
  const RunState proposed = decide(again, {.action = DecisionAction::refine, .edited = "SELECT 2"});
  EXPECT_EQ(answer(decide(proposed, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 2"});
}

TEST_F(AskTest, AQuestionBackCanBeRejectedAndTimesOut) {
  input_.question = "sales?";
  input_.interactive = true;
  const AskAnswer no = answer(decide(start(), {.action = DecisionAction::reject, .reason = "never mind"}));
  EXPECT_EQ(no.status, AskStatus::rejected);
  EXPECT_EQ(no.reason, "never mind");
  input_.approval_timeout_ms = 1000;
  const RunState waiting = start();
  clock_.pass(milliseconds(1001));
  EXPECT_EQ(answer(*engine_->drive(waiting.run.id)).status, AskStatus::timeout);
}

TEST_F(AskTest, ARefinementWithSeveralMeaningsIsAskedAboutWhereSomebodyIsThere) {
  const DecisionInput unclear{.action = DecisionAction::refine, .feedback = "as sales"};
  const RunState alone = decide(start(), unclear);
  EXPECT_EQ(card(alone).text("sql"), "SELECT 1");
  EXPECT_EQ(card(alone).text("notice"),
            "back to the former proposal: " + sales_of_what().asks +
                "; ask again and say which: \"the amount of orders\"; \"the number of orders\"; in a terminal you are asked");
  input_.interactive = true;
  EXPECT_EQ(card(decide(start(), unclear)).text("asks"), sales_of_what().asks);
}

TEST_F(AskTest, RefinementsThatLeadNowhereLoseNothing) {
  constexpr int kMoreThanAnybodyTries = 40;
  RunState state = decide(start(), {.action = DecisionAction::refine, .feedback = "by amount"});
  for (int n = 0; n < kMoreThanAnybodyTries; ++n) state = decide(state, {.action = DecisionAction::refine, .feedback = "nonsense"});
  ASSERT_EQ(state.open_approvals.size(), 1U);
  EXPECT_EQ(card(state).text("sql"), "SELECT 1 /* by amount */");
  EXPECT_EQ(answer(decide(state, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1 /* by amount */"});
}

TEST_F(AskTest, ARefinementThatCannotBePlacedLeavesTheFormerProposal) {
  const RunState second = decide(start(), {.action = DecisionAction::refine, .feedback = "nonsense"});
  EXPECT_NE(card(second).text("notice").find("cannot place \"nonsense\""), std::string::npos);
  EXPECT_EQ(answer(decide(second, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskTest, AnEditIsProvenAgainAndNeverRunsWhenItFails) {
  const RunState second = decide(start(), {.action = DecisionAction::refine, .edited = "DELETE FROM orders"});
  EXPECT_NE(card(second).text("notice").find("DELETE writes"), std::string::npos);
  EXPECT_EQ(card(second).text("unproven_edit"), "DELETE FROM orders") << "it is the person's to mend";
  const RunState third = decide(second, {.action = DecisionAction::refine, .edited = "SELECT 2"});
  EXPECT_EQ(card(third).text("unproven_edit"), "");
  EXPECT_EQ(answer(decide(third, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 2"});
}

TEST_F(AskTest, AFailedProofOfTheFirstProposalIsTheAnswer) {
  input_.sql = "DELETE FROM orders";
  const AskAnswer got = answer(start());
  EXPECT_EQ(got.status, AskStatus::failed);
  EXPECT_EQ(got.error->code, "E0340");
  EXPECT_EQ(got.proof.checks.size(), 1U);
}

TEST_F(AskTest, DataThatChangedUnderAnApprovalAsksAgainWithAFreshCatalog) {
  execute_fails_ = {{ErrorKind::stale, "E0350", "orders has a new column", "", 0}};
  const RunState first = start();
  const RunState second = decide(first, {.action = DecisionAction::approve});
  ASSERT_EQ(second.open_approvals.size(), 1U) << "the spent approval does not count again";
  EXPECT_EQ(card(second).text("notice"), "orders has a new column");
  EXPECT_EQ(answer(decide(second, {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(executed_.size(), 2U);
  EXPECT_EQ(fresh_, (std::vector<bool>{false, true}));
}

TEST_F(AskTest, ACatalogThatWasTooOldIsReadAnew) {
  bool first = true;
  ports_.prove.act = [&](StepContext&, const ProveInput& input) -> Result<Proof> {
    if (std::exchange(first, false)) return Error{ErrorKind::stale, "E0350", "the view changed", "", 0};
    return good_proof(input.sql);
  };
  EXPECT_EQ(answer(decide(start(), {.action = DecisionAction::approve})).status, AskStatus::answered);
  EXPECT_EQ(fresh_, (std::vector<bool>{false, true}));
}

TEST_F(AskTest, AnErrorOfTheEngineIsTheAnswer) {
  execute_fails_ = {{ErrorKind::exhausted, "E0400", "more than 10 rows", "", 0}};
  const AskAnswer got = answer(decide(start(), {.action = DecisionAction::approve}));
  EXPECT_EQ(got.status, AskStatus::failed);
  EXPECT_EQ(got.error->message, "more than 10 rows");
}

TEST_F(AskTest, TimesOut) {
  input_.approval_timeout_ms = 1000;
  const RunState waiting = start();
  clock_.pass(milliseconds(1001));
  auto late = engine_->drive(waiting.run.id);
  ASSERT_TRUE(late);
  EXPECT_EQ(answer(*late).status, AskStatus::timeout);
  EXPECT_FALSE(journal_.decide(waiting.open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"}));
  EXPECT_TRUE(executed_.empty());
}

TEST_F(AskTest, APolicyMaySayYesToACleanRead) {
  input_.policy.reads = true;
  const AskAnswer got = answer(start());
  EXPECT_EQ(got.status, AskStatus::answered);
  EXPECT_TRUE(got.decided_by.starts_with("policy")) << got.decided_by;
}

TEST_F(AskTest, AWarningIsForAPersonUnlessThePolicySaysOtherwise) {
  ports_.prove.act = [](StepContext&, const ProveInput& input) -> Result<Proof> {
    Proof proof = good_proof(input.sql);
    proof.checks.push_back({.check = "row-order", .outcome = Outcome::warning, .detail = "any rows"});
    return proof;
  };
  restart();
  input_.policy.reads = true;
  EXPECT_EQ(start().open_approvals.size(), 1U);
  input_.policy.despite_warnings = true;
  input_.policy.name = "eval";
  const AskAnswer got = answer(start());
  EXPECT_EQ(got.status, AskStatus::answered);
  EXPECT_EQ(got.decided_by, "policy: eval");
}

TEST_F(AskTest, WhatWasRefinedWithTheQuestionIsInTheFirstProposal) {
  input_.feedback = {"only JFK"};
  const RunState first = start();
  EXPECT_EQ(proposed_.front().feedback, std::vector<std::string>{"only JFK"});
  decide(first, {.action = DecisionAction::refine, .feedback = "by day"});
  EXPECT_EQ(proposed_.back().feedback, (std::vector<std::string>{"only JFK", "by day"}));
}

TEST_F(AskTest, RoundsAreBounded) {
  RunState state = start();
  for (int n = 0; n < kRoundsMax && !state.open_approvals.empty(); ++n)
    state = decide(state, {.action = DecisionAction::refine, .feedback = "nonsense"});
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->kind, ErrorKind::exhausted);
}

TEST_F(AskTest, RoundsThatNobodyAskedForAreBounded) {
  execute_fails_.assign(kRoundsAloneMax, {ErrorKind::stale, "E0350", "orders has a new column", "", 0});
  RunState state = start();
  for (int n = 0; n < kRoundsAloneMax; ++n) state = decide(state, {.action = DecisionAction::approve});
  EXPECT_EQ(state.status(), RunStatus::failed);
  EXPECT_EQ(state.error->kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace sluice
