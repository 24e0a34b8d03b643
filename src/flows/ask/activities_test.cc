#include <gtest/gtest.h>

#include "flows/ask/services.h"
#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

constexpr const char* kSleep = "SELECT pg_sleep(1)";

/// An engine that is never to be opened.
struct Untouched : DataEngine {
  Dialect dialect() const override { return Dialect::postgres; }
  Result<std::string> describe(const Call&) override { return std::string("untouched"); }
  Result<std::unique_ptr<ReadSession>> open_read(const Call&) override {
    ++opened;
    return Error::bug("the engine was opened");
  }
  int opened = 0;
};

struct OneCatalog : CatalogStore {
  Result<CatalogRef> read(const std::string& connection, bool, const Call&) override { return CatalogRef{connection, "artifact"}; }
  Result<std::shared_ptr<const KnownCatalog>> load(const CatalogRef&) override { return known; }
  Result<std::shared_ptr<const CatalogSearch>> search(const CatalogRef& ref) override {
    ++searches;
    return CatalogStore::search(ref);
  }
  int searches = 0;
  std::shared_ptr<const KnownCatalog> known =
      std::make_shared<KnownCatalog>(KnownCatalog{.catalog = {.connection = "shop", .source = "here", .dialect = Dialect::postgres}});
};

struct Scripted : Proposer {
  Result<Proposal> propose(const ProposalRequest& request) override {
    catalog_id = request.catalog_id;
    glossary_id = request.glossary_id;
    glossary = request.glossary;
    return says;
  }
  Proposal says{.sql = "SELECT 1"};
  std::string catalog_id{}, glossary_id{};
  Glossary glossary{};
};

/// A build whose guard let pg_sleep through made the proof, and a person said yes to it.
class AskActivities : public testing::Test {
 protected:
  FakeClock clock_{};
  SeededRandom random_{7};
  MemoryJournal journal_{[this] { return clock_.now(); }};
  MemoryArtifacts artifacts_{};
  OneCatalog catalogs_{};
  Scripted proposer_{};
  Untouched data_{};
  std::shared_ptr<const Glossary> glossary_ = std::make_shared<Glossary>();
  AgentMemory memory_{};
  std::unique_ptr<Parser> parser_ = make_postgres_parser();
  ModelCaller models_{{.model = [](const std::string&) -> Result<Model*> { return Error::bug("no model was expected"); },
                       .ledger = []() -> Result<Ledger*> { return Error::bug("no call was expected"); },
                       .replies = []() -> Result<ReplyStore*> { return Error::bug("no call was expected"); },
                       .artifacts = artifacts_,
                       .clock = clock_}};
  AskServices services_{.catalogs = catalogs_,
                        .built_in = proposer_,
                        .glossary = [this](const std::string&) -> Result<std::shared_ptr<const Glossary>> { return glossary_; },
                        .engine = [this](const std::string&) -> Result<std::shared_ptr<DataEngine>> {
                          return std::shared_ptr<DataEngine>(std::shared_ptr<void>(), &data_);
                        },
                        .parser = [this](Dialect) -> Result<const Parser*> { return parser_.get(); },
                        .results = []() -> Result<ResultStore*> { return Error::bug("no result was expected"); },
                        .memory = [this](const std::string&) -> Result<AgentMemory> { return memory_; },
                        .models = models_,
                        .artifacts = artifacts_};
};

TEST_F(AskActivities, TheGuardOfThisBuildHasTheLastWord) {
  AskPorts ports = make_ask_ports(services_);
  const auto strict = ports.prove.act;
  bool old_build = true;
  ports.prove.act = [&](StepContext& step, const ProveInput& input) -> Result<Proof> {
    if (!std::exchange(old_build, false)) return strict(step, input);
    Proof proof;
    proof.checks = {{.check = "functions", .outcome = Outcome::passed, .detail = "an older list"}};
    proof.source = "here";
    return proof;
  };
  Engine engine(Engine::Ports{journal_, artifacts_, clock_, random_}, EngineOptions{.watch_interval = std::chrono::milliseconds(0)});
  engine.add<AskInput, AskAnswer>("ask", "1", [&](Context& run, const AskInput& input) { return ask(run, ports, input); });
  const auto waiting = engine.run("ask", encode(AskInput{.connection = "shop", .sql = kSleep}));
  ASSERT_TRUE(waiting) << waiting.error().message;
  ASSERT_EQ(waiting->open_approvals.size(), 1U);
  ASSERT_TRUE(journal_.decide(waiting->open_approvals.front(), {.action = DecisionAction::approve, .decided_by = "ann"}));
  const auto after = engine.drive(waiting->run.id);
  ASSERT_TRUE(after) << after.error().message;
  ASSERT_TRUE(after->output);
  const auto answer = decode<AskAnswer>(*after->output);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, AskStatus::failed);
  EXPECT_NE(answer->error->message.find("pg_sleep"), std::string::npos) << answer->error->message;
  EXPECT_EQ(data_.opened, 0);
}

TEST_F(AskActivities, WhatIsReadOnceIsProvenToo) {
  RowBuffer rows(1);
  for (const char* sql : {kSleep, "DELETE FROM orders", "SELECT 1; SELECT 2"}) {
    const auto done = read_once(services_, "shop", sql, {}, {.rows_max = 1, .bytes_max = 1}, {}, rows);
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().code, "E0340") << sql;
  }
  EXPECT_EQ(data_.opened, 0);
}

TEST_F(AskActivities, TheProposerGetsTheRecordedGlossaryAndIdsToKeepThingsBy) {
  glossary_ = std::make_shared<Glossary>(Glossary{.path = "g.yml", .terms = {{.term = "sale", .means = "orders", .line = 3}}});
  const AskPorts ports = make_ask_ports(services_);
  StepContext step;
  const ProposeInput input{.catalog = {"shop", "catalog hash"}, .question = "sales?", .glossary = "glossary hash"};
  const auto wrong = ports.propose.act(step, input);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "E0741");
  EXPECT_TRUE(wrong.error().message.starts_with("g.yml line 3: table \"orders\" is not in")) << wrong.error().message;
  EXPECT_TRUE(ports.propose.act(step, {.catalog = input.catalog, .sql = "SELECT 2", .glossary = input.glossary})) << "SQL says itself what it means";
  auto known = std::make_shared<KnownCatalog>(*catalogs_.known);
  known->catalog.search_path = {"public"};
  known->catalog.tables = {Table{.name = {"public", "orders"}}};
  catalogs_.known = known;
  ASSERT_TRUE(ports.propose.act(step, input));
  EXPECT_EQ(proposer_.glossary, *glossary_);
  EXPECT_EQ(proposer_.catalog_id, "catalog hash");
  EXPECT_EQ(proposer_.glossary_id, "glossary hash");
}

TEST_F(AskActivities, AQuestionBackHasToBeAnswerable) {
  const AskPorts ports = make_ask_ports(services_);
  const auto proposed = [&](Proposal says) {
    proposer_.says = std::move(says);
    StepContext step;
    return ports.propose.act(step, {.question = "sales?"});
  };
  const Proposal::Choice one{"one", "by one"};
  EXPECT_TRUE(proposed({.sql = "SELECT 1"}));
  EXPECT_TRUE(proposed({.asks = "which?", .choices = {one, one}}));
  EXPECT_TRUE(proposed({.asks = "which?", .choices = {one, one, one, one, one}}));
  for (const Proposal& wrong :
       {Proposal{.asks = "which?", .choices = {one}}, Proposal{.asks = "which?", .choices = {one, one, one, one, one, one}},
        Proposal{.asks = "which?"}, Proposal{.choices = {one, one}}, Proposal{.sql = "SELECT 1", .asks = "which?", .choices = {one, one}},
        Proposal{.asks = "which?", .choices = {one, {"two", " "}}}, Proposal{.asks = "which?", .choices = {one, {"", "by two"}}}}) {
    const auto got = proposed(wrong);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::bug) << got.error().message;
  }
}

TEST_F(AskActivities, WhatPeopleDecidedIsKeptAsArtifacts) {
  const AskPorts ports = make_ask_ports(services_);
  StepContext step;
  const auto nothing = ports.read_memory.act(step, {.connection = "shop"});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->examples + nothing->history, "");
  memory_ = {.examples = {{.approval = "a1", .question = "how many orders?", .sql = "SELECT 1"}}, .history = {{.score = 0.5, .approved = true}}};
  const auto all = ports.read_memory.act(step, {.connection = "shop"});
  ASSERT_TRUE(all);
  EXPECT_EQ(*artifacts_.get(all->examples), encode(memory_.examples).dump());
  EXPECT_EQ(*artifacts_.get(all->history), encode(memory_.history).dump());
  const auto control = ports.read_memory.act(step, {.connection = "shop", .examples = false});
  ASSERT_TRUE(control);
  EXPECT_EQ(control->examples, "");
  EXPECT_EQ(control->history, all->history);
}

TEST_F(AskActivities, APromptTakesTheIndexThatTheStoreKeeps) {
  auto known = std::make_shared<KnownCatalog>(*catalogs_.known);
  known->catalog.search_path = {"public"};
  known->catalog.tables = {Table{.name = {"public", "orders"}, .columns = {{.name = "total"}}}};
  catalogs_.known = known;
  const AskPorts ports = make_ask_ports(services_);
  StepContext step;
  ComposeInput input{.catalog = {"shop", "catalog hash"}, .question = "orders?", .context_tokens = 1000};
  const auto composed = ports.compose.act(step, input);
  ASSERT_TRUE(composed) << composed.error().message;
  EXPECT_EQ(composed->tables, std::vector<std::string>{"orders"});
  EXPECT_EQ(catalogs_.searches, 1);
  input.with_catalog = false;
  ASSERT_TRUE(ports.compose.act(step, input));
  EXPECT_EQ(catalogs_.searches, 1) << "a prompt without a catalog needs none";
}

/// Only these can be set in a fork: what proofs, people and effects came to cannot.
TEST_F(AskActivities, OnlyThePlannerAndModelsPropose) {
  const AskPorts ports = make_ask_ports(services_);
  EXPECT_TRUE(ports.propose.proposes);
  EXPECT_TRUE(ports.call_model.proposes);
  EXPECT_FALSE(ports.read_catalog.proposes || ports.read_memory.proposes || ports.compose.proposes || ports.release.proposes);
  EXPECT_FALSE(ports.prove.proposes || ports.settle.proposes || ports.execute.proposes);
}

}  // namespace
}  // namespace sluice
