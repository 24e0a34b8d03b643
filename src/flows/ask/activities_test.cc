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
  std::shared_ptr<const KnownCatalog> known =
      std::make_shared<KnownCatalog>(KnownCatalog{.catalog = {.connection = "shop", .source = "here", .dialect = Dialect::postgres}});
};

struct Silent : Proposer {
  Result<Proposal> propose(const ProposalRequest&) override { return Error::bug("nobody asked"); }
};

/// A build whose guard let pg_sleep through made the proof, and a person said yes to it.
class AskActivities : public testing::Test {
 protected:
  FakeClock clock_{};
  SeededRandom random_{7};
  MemoryJournal journal_{[this] { return clock_.now(); }};
  MemoryArtifacts artifacts_{};
  OneCatalog catalogs_{};
  Silent silent_{};
  Untouched data_{};
  std::unique_ptr<Parser> parser_ = make_postgres_parser();
  AskServices services_{.catalogs = catalogs_,
                        .built_in = silent_,
                        .engine = [this](const std::string&) -> Result<DataEngine*> { return &data_; },
                        .parser = [this](Dialect) -> Result<const Parser*> { return parser_.get(); },
                        .results = []() -> Result<ResultStore*> { return Error::bug("no result was expected"); }};
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

}  // namespace
}  // namespace sluice
