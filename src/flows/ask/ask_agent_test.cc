#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "approvals/card.h"
#include "flows/ask/ask.h"
#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

std::string sql_reply(const std::string& sql) {
  return Json::object().set("kind", "sql").set("sql", sql).set("explanation", "as asked").set("confidence", 0.99).dump();
}
const std::string kCannot = R"({"kind": "cannot", "explanation": "there is nothing about moods"})";
const std::string kAsks =
    R"({"kind": "question", "asks": "by amount or by number?", "choices": [{"label": "amount", "feedback": "a"}, {"label": "number", "feedback": "n"}]})";
const std::string kTables = R"({"kind": "tables", "look_for": ["refunds"]})";

/// `ask` with a model whose replies a test lays out round by round, one text a draw. A query's result is what stands in its comment.
class AskAgentTest : public testing::Test {
 protected:
  FakeClock clock_{};
  SeededRandom random_{7};
  MemoryJournal journal_{[this] { return clock_.now(); }};
  MemoryArtifacts artifacts_{};
  AskPorts ports_{};
  AskInput input_{.connection = "shop", .question = "how many orders?"};
  std::vector<std::vector<std::string>> replies_{};  // by round
  std::vector<ComposeInput> composed_{};
  std::vector<ModelCalls> called_{};
  std::vector<bool> fresh_{};  ///< by catalog that was read
  std::vector<std::string> proven_{}, executed_{};
  std::vector<SettleInput> settled_{};
  std::vector<std::string> shared_{}, dropped_{};  // requests whose replies came to something, or not
  std::vector<ReadMemory> remembered_{};
  std::optional<Error> model_fails_{}, planner_says_{Error{ErrorKind::unanswerable, "E0600", "cannot place \"orders\"", "", 0}};
  std::vector<Error> execute_fails_{};  ///< one a call, first to last
  std::unique_ptr<Engine> engine_ = nullptr;

  AskAgentTest() {
    input_.agent = {.model = "default", .candidates = 1, .rounds = 3};
    input_.policy = {.reads = true};
    ports_.read_catalog = {.effect = Effect::read, .act = [this](StepContext&, const ReadCatalog& input) -> Result<CatalogRef> {
                             fresh_.push_back(input.fresh);
                             return CatalogRef{input.connection, "catalog"};
                           }};
    ports_.propose = {.effect = Effect::read, .act = [this](StepContext&, const ProposeInput& input) -> Result<Proposal> {
                        if (!input.sql.empty()) return Proposal{.sql = input.sql, .answered_by = "person"};
                        if (planner_says_) return *planner_says_;
                        return Proposal{.sql = "SELECT 'planned'", .answered_by = "built-in"};
                      }};
    ports_.read_memory = {.effect = Effect::read, .act = [this](StepContext&, const ReadMemory& input) -> Result<MemoryRef> {
                            remembered_.push_back(input);
                            return MemoryRef{"examples " + std::to_string(remembered_.size()), "history " + std::to_string(remembered_.size())};
                          }};
    ports_.compose = {.effect = Effect::read, .act = [this](StepContext&, const ComposeInput& input) -> Result<Composed> {
                        composed_.push_back(input);
                        return Composed{.request = "request " + std::to_string(composed_.size())};
                      }};
    ports_.release = {.effect = Effect::read, .act = [this](StepContext&, const EndedCalls& ended) -> Result<bool> {
                        for (const ModelCalls& calls : ended.calls) (ended.shared ? shared_ : dropped_).push_back(calls.request);
                        return true;
                      }};
    ports_.call_model = {.effect = Effect::read, .act = [this](StepContext&, const ModelCalls& calls) { return answer(calls); }};
    ports_.prove = {.effect = Effect::read, .act = [this](StepContext&, const ProveInput& input) { return prove(input.sql); }};
    ports_.settle = {.effect = Effect::read, .act = [this](StepContext&, const SettleInput& input) -> Result<Worked> {
                       settled_.push_back(input);
                       return Worked{.proposal = {.sql = input.reply.sql, .confidence = 0.8, .answered_by = input.model}, .proof = input.proof};
                     }};
    ports_.execute = {.effect = Effect::read, .act = [this](StepContext&, const Approved<SqlSubject>& approved) -> Result<Execution> {
                        executed_.push_back(approved.subject().sql);
                        if (execute_fails_.empty()) return Execution{.result = "rows"};
                        Error error = execute_fails_.front();
                        execute_fails_.erase(execute_fails_.begin());
                        return error;
                      }};
    restart();
  }

  /// Another process, which knows nothing but the journal.
  void restart() {
    engine_ = std::make_unique<Engine>(Engine::Ports{journal_, artifacts_, clock_, random_}, EngineOptions{.watch_interval = milliseconds(0)});
    engine_->add<AskInput, AskAnswer>("ask", "1", [this](Context& run, const AskInput& input) { return ask(run, ports_, input); });
  }

  Result<ModelOutcome> answer(const ModelCalls& calls) {
    ModelOutcome outcome{.request = calls.request};
    const std::size_t round = called_.size();
    called_.push_back(calls);
    if (model_fails_ || round >= replies_.size()) {
      outcome.calls.push_back({.model = "default", .error = model_fails_.value_or(Error::bug("the test has no more replies"))});
      return outcome;
    }
    for (const std::string& text : replies_[round]) outcome.calls.push_back({.model = "default", .provider = "openai/m", .reply = {.text = text}});
    return outcome;
  }

  /// "SELECT 1 -- result" gives that result; DROP never holds; "double" is warned about.
  Result<Proof> prove(const std::string& sql) {
    proven_.push_back(sql);
    Proof proof;
    if (sql.find("DROP") != std::string::npos) {
      proof.checks = {{.check = "reads-only", .outcome = Outcome::failed, .detail = "DROP writes", .hint = "only read"}};
      return proof;
    }
    proof.checks = {{.check = "parses", .outcome = Outcome::passed}};
    if (sql.find("double") != std::string::npos)
      proof.checks.push_back({.check = "fan-out", .outcome = Outcome::warning, .detail = "rows count twice"});
    proof.statement_hash = sql;
    proof.schema_fingerprint = "schema";
    proof.sample.columns = {{.name = "n"}};
    proof.sample.rows = {Json::array().push(1)};
    proof.sample.whole_tables = true;
    if (const std::size_t at = sql.find("-- "); at != std::string::npos) proof.sample.digest = sql.substr(at);
    return proof;
  }

  RunState start() {
    auto state = engine_->run("ask", encode(input_));
    EXPECT_TRUE(state) << state.error().message;
    return *std::move(state);
  }
  ApprovalInfo open_approval(const RunState& state) {
    EXPECT_EQ(state.open_approvals.size(), 1U);
    auto approval = journal_.approval(state.open_approvals.at(0));
    EXPECT_TRUE(approval) << approval.error().message;
    return *std::move(approval);
  }
  RunState decide(const RunState& state, DecisionInput decision) {
    decision.decided_by = "ann";
    auto decided = journal_.decide(state.open_approvals.at(0), decision);
    EXPECT_TRUE(decided) << decided.error().message;
    restart();
    auto next = engine_->drive(state.run.id);
    EXPECT_TRUE(next) << next.error().message;
    return *std::move(next);
  }

  AskAnswer run() {
    auto state = engine_->run("ask", encode(input_));
    EXPECT_TRUE(state) << state.error().message;
    EXPECT_TRUE(state->output) << (state->error ? state->error->message : "it waits");
    auto answer = decode<AskAnswer>(state->output.value_or(Json::object()));
    EXPECT_TRUE(answer);
    return *answer;
  }
};

TEST_F(AskAgentTest, TheModelIsAskedWhereThePlannerHasNoAnswer) {
  replies_ = {{sql_reply("SELECT 1")}};
  const AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::answered);
  EXPECT_EQ(got.proposal.answered_by, "default (openai/m)");
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskAgentTest, TheModelIsNotAskedWhereThePlannerAnswers) {
  planner_says_.reset();
  EXPECT_EQ(run().proposal.answered_by, "built-in");
  EXPECT_TRUE(called_.empty());
  input_.agent.fast_path = false;
  replies_ = {{sql_reply("SELECT 2")}};
  EXPECT_EQ(run().proposal.sql, "SELECT 2") << "without the fast path the model is first";
}

TEST_F(AskAgentTest, WhatPeopleDecidedIsReadOnceAndOnlyForAModel) {
  planner_says_.reset();
  EXPECT_EQ(run().proposal.answered_by, "built-in");
  EXPECT_TRUE(remembered_.empty()) << "the planner answers without it";
  planner_says_ = Error{ErrorKind::unanswerable, "E0600", "cannot place \"orders\"", "", 0};
  input_.policy = {};
  replies_ = {{sql_reply("DROP TABLE a")}, {sql_reply("SELECT 1")}, {sql_reply("SELECT 2")}};
  decide(start(), {.action = DecisionAction::refine, .feedback = "by month"});
  ASSERT_EQ(composed_.size(), 3U);
  for (const ComposeInput& input : composed_) EXPECT_EQ(input.examples, "examples 1");
  ASSERT_EQ(settled_.size(), 2U);
  for (const SettleInput& input : settled_) EXPECT_EQ(input.history, "history 1");
  ASSERT_EQ(remembered_.size(), 1U) << "another process has it from the journal";
  EXPECT_EQ(remembered_[0].connection, "shop");
  EXPECT_TRUE(remembered_[0].examples);
}

TEST_F(AskAgentTest, WhatPeopleDecidedIsReadWhereTheModelComesInLate) {
  planner_says_.reset();
  input_.policy = {};
  const RunState planned = start();
  EXPECT_TRUE(remembered_.empty());
  planner_says_ = Error{ErrorKind::unanswerable, "E0601", "cannot place \"mood\"", "", 0};
  replies_ = {{sql_reply("SELECT 1")}};
  decide(planned, {.action = DecisionAction::refine, .feedback = "by mood"});
  EXPECT_EQ(remembered_.size(), 1U);
  EXPECT_EQ(composed_.at(0).examples, "examples 1");
}

TEST_F(AskAgentTest, NothingIsAskedOfAModelThatIsNotConfigured) {
  input_.agent.model = "";
  EXPECT_EQ(run().status, AskStatus::unanswerable);
  EXPECT_TRUE(called_.empty());
}

TEST_F(AskAgentTest, AFailedCheckIsFedBackAndTheNextDraftIsProvenToo) {
  replies_ = {{sql_reply("DROP TABLE orders")}, {sql_reply("SELECT 1")}};
  const AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::answered);
  ASSERT_EQ(composed_.size(), 2U);
  ASSERT_EQ(composed_[1].turns.size(), 1U);
  EXPECT_EQ(composed_[1].turns[0].checks, std::vector<std::string>{"reads-only: DROP writes (only read)"});
  EXPECT_EQ(composed_[1].turns[0].reply, sql_reply("DROP TABLE orders"));
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskAgentTest, WhatNeverHoldsNeverRuns) {
  replies_ = {{sql_reply("DROP TABLE a")}, {sql_reply("DROP TABLE b")}, {sql_reply("DROP TABLE c")}, {sql_reply("SELECT 1")}};
  const AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::failed);
  EXPECT_EQ(got.proposal.sql, "DROP TABLE c") << "a person sees what was tried last";
  EXPECT_EQ(got.error->code, "E0340");
  EXPECT_EQ(called_.size(), 3U) << "as many rounds as are allowed";
  EXPECT_TRUE(executed_.empty());
}

TEST_F(AskAgentTest, AReplyThatIsNoneIsNamedToTheModel) {
  replies_ = {{"I would rather not."}, {sql_reply("SELECT 1")}};
  EXPECT_EQ(run().status, AskStatus::answered);
  EXPECT_NE(composed_.at(1).turns.at(0).problem.find("no JSON object"), std::string::npos);
}

TEST_F(AskAgentTest, DraftsThatGiveTheSameAreCountedTogether) {
  replies_ = {{sql_reply("SELECT 1 -- a"), sql_reply("SELECT 2 -- b"), sql_reply("SELECT 3 -- b"), sql_reply("SELECT 3 -- b")}};
  const AskAnswer got = run();
  EXPECT_EQ(got.proposal.sql, "SELECT 2 -- b") << "the first of those that most agree with";
  ASSERT_EQ(settled_.size(), 1U);
  EXPECT_EQ(settled_[0].agreeing, 3);
  EXPECT_EQ(settled_[0].drawn, 4);
  EXPECT_EQ(proven_.size(), 3U) << "the same text is proven once";
}

TEST_F(AskAgentTest, ADraftThatFailsIsPassedOverWhereAnotherHolds) {
  replies_ = {{sql_reply("DROP TABLE x"), sql_reply("SELECT 1 -- a"), "garbage"}};
  const AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::answered);
  EXPECT_EQ(settled_.at(0).agreeing, 1);
  EXPECT_EQ(settled_.at(0).drawn, 3);
}

TEST_F(AskAgentTest, ADoubtIsSaidOnceAndTheDraftStandsWhereTheNextIsNoBetter) {
  replies_ = {{sql_reply("SELECT double")}, {sql_reply("SELECT double")}};
  input_.policy = {};
  auto state = engine_->run("ask", encode(input_));
  ASSERT_TRUE(state);
  ASSERT_EQ(composed_.size(), 2U);
  EXPECT_EQ(composed_[1].turns.at(0).doubts, std::vector<std::string>{"fan-out: rows count twice"});
  EXPECT_EQ(state->open_approvals.size(), 1U) << "a person decides about it, with the warning";
}

TEST_F(AskAgentTest, ADoubtedDraftSurvivesAModelThatGoesAway) {
  replies_ = {{sql_reply("SELECT double")}};  // the second call fails
  input_.policy = {};
  auto state = engine_->run("ask", encode(input_));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->open_approvals.size(), 1U);
}

TEST_F(AskAgentTest, WhatTheModelFindsNowhereIsUnanswerable) {
  replies_ = {{kCannot, kCannot, sql_reply("SELECT 1 -- a")}};
  const AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::unanswerable);
  EXPECT_EQ(got.error->code, "E0506");
  EXPECT_TRUE(executed_.empty());
}

TEST_F(AskAgentTest, AQuestionBackIsPutToThePerson) {
  input_.interactive = true;
  replies_ = {{kAsks}, {sql_reply("SELECT 1")}};
  auto state = engine_->run("ask", encode(input_));
  ASSERT_TRUE(state);
  ASSERT_EQ(state->open_approvals.size(), 1U);
  EXPECT_EQ(journal_.approval(state->open_approvals.front())->card["choices"].as_array()->front().text("feedback"), "by amount or by number? amount")
      << "a choice says to the model what the person saw";
  ASSERT_TRUE(journal_.decide(state->open_approvals.front(), {.action = DecisionAction::refine, .feedback = "a", .decided_by = "ann"}));
  auto next = engine_->drive(state->run.id);
  ASSERT_TRUE(next && next->output);
  EXPECT_EQ(composed_.back().feedback, std::vector<std::string>{"a"});
}

TEST_F(AskAgentTest, TablesThatItAsksForAreLookedUp) {
  replies_ = {{kTables}, {sql_reply("SELECT 1")}};
  EXPECT_EQ(run().status, AskStatus::answered);
  EXPECT_EQ(composed_.at(1).turns.at(0).look_for, std::vector<std::string>{"refunds"});
}

TEST_F(AskAgentTest, OnlyRepliesThatCameToSomethingAreShared) {
  input_.agent.rounds = 2;
  replies_ = {{sql_reply("DROP TABLE a")}, {sql_reply("SELECT 1")}, {sql_reply("DROP TABLE a")}, {"none"}, {sql_reply("SELECT 2")}};
  EXPECT_EQ(run().status, AskStatus::answered);
  EXPECT_EQ(shared_, (std::vector<std::string>{"request 1", "request 2"})) << "all that led to it";
  EXPECT_NE(run().status, AskStatus::answered);
  EXPECT_EQ(shared_.size(), 2U);
  EXPECT_EQ(dropped_.size(), 2U) << "asked once more, also in the same run, the model may do better";
  input_.agent.fresh = true;
  EXPECT_EQ(run().status, AskStatus::answered);
  EXPECT_EQ(shared_.size(), 2U) << "for the run alone";
}

TEST_F(AskAgentTest, AModelThatIsDownLeavesWhatThePlannerSaid) {
  model_fails_ = model_error(ModelFailure::unreachable, "nobody listens", "start it");
  AskAnswer got = run();
  EXPECT_EQ(got.status, AskStatus::unanswerable);
  EXPECT_NE(got.error->message.find("cannot place"), std::string::npos);
  EXPECT_NE(got.error->message.find("nobody listens"), std::string::npos);
  EXPECT_EQ(got.error->hint, "start it");
  planner_says_.reset();
  input_.agent.fast_path = false;
  got = run();
  EXPECT_EQ(got.status, AskStatus::answered) << "the planner stands in for a model that is down";
  EXPECT_EQ(got.proposal.answered_by, "built-in");
  ASSERT_EQ(got.proposal.made_from.size(), 1U) << "and a person is told so";
  EXPECT_NE(got.proposal.made_from[0].find("nobody listens"), std::string::npos);
  input_.agent.stand_in = false;
  got = run();
  EXPECT_EQ(got.status, AskStatus::failed) << "where the model is measured nobody answers in its place";
  EXPECT_EQ(got.error->code, "E1003");
}

TEST_F(AskAgentTest, WordsAboutAPersonsOwnSqlGoToTheModelWithIt) {
  input_.sql = "SELECT mine";
  input_.question = "";
  input_.policy = {};
  replies_ = {{sql_reply("SELECT mine, more")}};
  auto state = engine_->run("ask", encode(input_));
  ASSERT_TRUE(state);
  EXPECT_TRUE(called_.empty());
  ASSERT_TRUE(journal_.decide(state->open_approvals.front(), {.action = DecisionAction::refine, .feedback = "more", .decided_by = "ann"}));
  auto next = engine_->drive(state->run.id);
  ASSERT_TRUE(next);
  EXPECT_EQ(composed_.at(0).previous, "SELECT mine");
  EXPECT_EQ(journal_.approval(next->open_approvals.front())->card.text("sql"), "SELECT mine, more");
}

TEST_F(AskAgentTest, ARefinementThatLeadsNowhereShowsTheFormerProposalAgainAndAsksNoModelForIt) {
  input_.policy = {};
  input_.agent.rounds = 1;
  // Whoever asked the model again for what was shown would get something else.
  replies_ = {{sql_reply("SELECT 1")}, {sql_reply("DROP TABLE a")}, {sql_reply("SELECT 2")}};
  const RunState first = start();
  const ApprovalInfo shown = open_approval(first);
  const RunState next = decide(first, {.action = DecisionAction::refine, .feedback = "drop it"});
  const ApprovalInfo back = open_approval(next);
  EXPECT_EQ(called_.size(), 2U) << "the first, and one for the refinement";
  EXPECT_EQ(composed_.size(), 2U);
  EXPECT_EQ(composed_.back().previous, "SELECT 1");
  EXPECT_EQ(proven_, (std::vector<std::string>{"SELECT 1", "DROP TABLE a"}));
  EXPECT_NE(back.id.text, shown.id.text) << "it is decided about anew";
  EXPECT_EQ(back.subject_hash, shown.subject_hash);
  EXPECT_TRUE(
      back.card.text("notice").starts_with("back to the former proposal: default (openai/m) wrote no query that passes, in 1 round: DROP writes"))
      << back.card.text("notice");
  auto same = decode<Card>(back.card);
  ASSERT_TRUE(same);
  same->notice.clear();
  EXPECT_EQ(encode(*same).dump(), shown.card.dump()) << "the person sees the same proposal, with the same proof";
  decide(next, {.action = DecisionAction::approve});
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
  EXPECT_EQ(called_.size(), 2U);
}

TEST_F(AskAgentTest, TheWayBackNeedsNoModelThatIsThere) {
  input_.policy = {};
  input_.agent.rounds = 1;
  replies_ = {{sql_reply("SELECT 1")}};
  RunState state = start();
  model_fails_ = model_error(ModelFailure::unreachable, "nobody listens", "start it");
  const std::string subject = open_approval(state).subject_hash;
  for (const char* words : {"by month", "by year"}) {
    state = decide(state, {.action = DecisionAction::refine, .feedback = words});
    EXPECT_EQ(open_approval(state).subject_hash, subject);
    EXPECT_EQ(composed_.back().feedback, std::vector<std::string>{words}) << "words that led nowhere are not said again";
    EXPECT_EQ(composed_.back().previous, "SELECT 1");
  }
  EXPECT_EQ(called_.size(), 3U);
  decide(state, {.action = DecisionAction::approve});
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskAgentTest, WhatIsShownAgainIsHeldToTheDataAsItIsWhenItRuns) {
  input_.policy = {};
  input_.agent.rounds = 1;
  replies_ = {{sql_reply("SELECT 1")}, {sql_reply("DROP TABLE a")}, {sql_reply("SELECT 2")}};
  execute_fails_ = {{ErrorKind::stale, "E0350", "orders has a new column", "", 0}};
  const RunState back = decide(start(), {.action = DecisionAction::refine, .feedback = "drop it"});
  const RunState anew = decide(back, {.action = DecisionAction::approve});
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
  EXPECT_EQ(fresh_, (std::vector<bool>{false, false, true})) << "the catalog is read anew, and the proof is made with it";
  EXPECT_EQ(composed_.back().feedback, std::vector<std::string>{});
  EXPECT_EQ(open_approval(anew).card.text("notice"), "orders has a new column");
  EXPECT_EQ(open_approval(anew).card.text("sql"), "SELECT 2") << "a changed database may need another query";
}

/// What is left of a process that died: no error that somebody could take for an answer.
struct Death {};

TEST_F(AskAgentTest, WhereverItDiesTheSameIsShownAgain) {
  input_.policy = {};
  input_.agent.rounds = 1;
  int moments = 0, dies_at = 0;
  bool refined = false;
  std::vector<std::string> asked;
  const auto around = [&](auto act) {  // it may die before and after everything that it does
    return [&moments, &dies_at, act](StepContext& step, const auto& input) {
      if (++moments == dies_at) throw Death{};
      auto out = act(step, input);
      if (++moments == dies_at) throw Death{};
      return out;
    };
  };
  ports_.read_catalog.act = around(ports_.read_catalog.act);
  ports_.propose.act = around(ports_.propose.act);
  ports_.prove.act = around(ports_.prove.act);
  ports_.settle.act = around(ports_.settle.act);
  ports_.read_memory.act = around(ports_.read_memory.act);
  ports_.execute.act = around(ports_.execute.act);
  ports_.compose.act = around([&](StepContext&, const ComposeInput& input) -> Result<Composed> {
    refined = refined || !input.feedback.empty();
    return Composed{.request = input.feedback.empty() ? "first" : "refined"};
  });
  ports_.call_model.act = around([&](StepContext&, const ModelCalls& calls) -> Result<ModelOutcome> {
    asked.push_back(calls.request);
    const std::string sql = calls.request == "refined" ? "DROP TABLE a" : refined ? "SELECT 2" : "SELECT 1";
    return ModelOutcome{.request = calls.request, .calls = {{.model = "default", .provider = "openai/m", .reply = {.text = sql_reply(sql)}}}};
  });
  const auto survive = [&](auto go) {
    try {
      return go();
    } catch (const Death&) {
      restart();
      auto state = engine_->drive(journal_.runs({.limit = 1})->front().id);
      EXPECT_TRUE(state) << state.error().message;
      return *std::move(state);
    }
  };
  int all = 0;
  for (dies_at = 0; dies_at <= all; ++dies_at) {
    moments = 0;
    refined = false;
    executed_.clear();
    remembered_.clear();
    asked.clear();
    clock_.pass(milliseconds(1));  // the newest run is this one
    const RunState first = survive([&] { return start(); });
    ASSERT_EQ(first.open_approvals.size(), 1U) << dies_at;
    const RunState back = survive([&] { return decide(first, {.action = DecisionAction::refine, .feedback = "drop it"}); });
    EXPECT_EQ(open_approval(back).subject_hash, open_approval(first).subject_hash) << dies_at;
    EXPECT_NE(back.open_approvals, first.open_approvals) << dies_at;
    survive([&] { return decide(back, {.action = DecisionAction::approve}); });
    EXPECT_EQ(std::set(executed_.begin(), executed_.end()), std::set<std::string>{"SELECT 1"}) << dies_at;
    // Whatever was on its way when it died happens once more, and nothing else does.
    const std::size_t all_acts = asked.size() + executed_.size() + remembered_.size();
    EXPECT_LE(all_acts, dies_at == 0 ? 4U : 5U) << dies_at;
    EXPECT_LE(std::ranges::count(asked, "first"), dies_at == 0 ? 1 : 2) << dies_at;
    EXPECT_LE(std::ranges::count(asked, "refined"), dies_at == 0 ? 1 : 2) << dies_at;
    if (dies_at == 0) all = moments;
  }
  EXPECT_GE(all, 22) << "each of the steps of two rounds";
}

TEST_F(AskAgentTest, AQuestionBackIsPutAgainInTheSameWordsWhereTheChoiceLeadsNowhere) {
  input_.interactive = true;
  input_.agent.rounds = 1;
  replies_ = {{kAsks}, {sql_reply("DROP TABLE a")}, {sql_reply("SELECT 1")}};
  const RunState asked = start();
  const RunState again = decide(asked, {.action = DecisionAction::refine, .feedback = "by amount"});
  EXPECT_EQ(open_approval(again).subject_hash, open_approval(asked).subject_hash);
  EXPECT_EQ(called_.size(), 2U);
  decide(again, {.action = DecisionAction::refine, .feedback = "by number"});
  EXPECT_EQ(composed_.back().feedback, std::vector<std::string>{"by number"});
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskAgentTest, ARecordedCallIsNotMadeAgain) {
  input_.policy = {};
  replies_ = {{sql_reply("DROP TABLE a")}, {sql_reply("SELECT 1")}};
  auto state = engine_->run("ask", encode(input_));
  ASSERT_TRUE(state);
  ASSERT_EQ(called_.size(), 2U);
  decide(*state, {.action = DecisionAction::approve});
  EXPECT_EQ(called_.size(), 2U) << "another process replays the calls from the journal";
  EXPECT_EQ(executed_, std::vector<std::string>{"SELECT 1"});
}

TEST_F(AskAgentTest, TheControlSeesNothingAndHearsNothing) {
  input_.agent.catalog = false;
  input_.agent.fast_path = false;
  replies_ = {{sql_reply("DROP TABLE a")}, {sql_reply("SELECT 1")}};
  EXPECT_EQ(run().status, AskStatus::failed);
  EXPECT_EQ(called_.size(), 1U);
  EXPECT_FALSE(composed_.at(0).with_catalog);
  EXPECT_FALSE(remembered_.at(0).examples);
}

}  // namespace
}  // namespace sluice
