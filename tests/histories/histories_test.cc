#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "agents/counting_ledger_for_test.h"
#include "app/app.h"
#include "app/run_copy.h"
#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"
#include "workflow/test_ports.h"

// Runs that former releases recorded, executed dry by this build. README.md says what to do where one of these fails.
namespace sluice {
namespace {

namespace fs = std::filesystem;

class NobodyProposes final : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest&) override {
    ADD_FAILURE() << "a dry execution calls nothing";
    return Error{ErrorKind::unanswerable, "E0600", "no planner here", "", 0};
  }
};

std::vector<std::string> recorded() {
  std::vector<std::string> files;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator("tests/histories"))
    if (file.path().extension() == ".jsonl") files.push_back(file.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

class Histories : public testing::TestWithParam<std::string> {
 protected:
  Histories() {
    const auto journal = open_journal();
    const auto artifacts = open_artifacts();
    std::ifstream in(GetParam(), std::ios::binary);
    const auto taken = read_copy(**journal, **artifacts, in, "the test");
    EXPECT_TRUE(taken) << taken.error().message;
    if (taken) run_ = taken->run;
    events_ = *(*journal)->events(run_);
  }
  Result<std::unique_ptr<Journal>> open_journal() {
    TRY(auto journal, SqliteJournal::open(folder_.path("journal.db"), {.now = [this] { return clock_.now(); }}));
    return std::unique_ptr<Journal>(std::move(journal));
  }
  Result<std::unique_ptr<Artifacts>> open_artifacts() {
    TRY(auto artifacts, ArtifactDir::open(folder_.path("artifacts")));
    return std::unique_ptr<Artifacts>(std::move(artifacts));
  }
  /// The product, where everything outside is missing.
  std::unique_ptr<App> product() {
    Config config;
    config.home = folder_.path("");
    return std::make_unique<App>(std::move(config), AppPorts{.open_engine = {},
                                                             .open_journal = [this](const Config&) { return open_journal(); },
                                                             .open_artifacts = [this](const Config&) { return open_artifacts(); },
                                                             .open_results = {},
                                                             .parser = {},
                                                             .planner = planner_,
                                                             .clock = clock_,
                                                             .random = random_,
                                                             .today = [] { return std::string("2013-01-31"); },
                                                             .person = "ada@test"});
  }
  bool ended() const {
    return std::any_of(events_.begin(), events_.end(),
                       [](const EventInfo& event) { return event.type == EventType::finished || event.type == EventType::failed; });
  }

  TestFolder folder_{};
  FakeClock clock_{};
  SeededRandom random_{7};
  NobodyProposes planner_{};
  RunId run_{};
  std::vector<EventInfo> events_{};
};

TEST_P(Histories, CanBeGoneOnWith) {
  std::vector<Preflight> found;
  const auto report = product()->preflight({run_}, [&](const Preflight& one, AskStatus) { found.push_back(one); }, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found.front().problem) << found.front().problem->message << "\n" << found.front().problem->hint;
  EXPECT_EQ(found.front().at.empty(), ended()) << found.front().at;
}

TEST_P(Histories, AreNotFittedByAChangedWorkflow) {
  const auto journal = open_journal();
  const auto artifacts = open_artifacts();
  Engine engine({**journal, **artifacts, clock_, random_}, {.watch_interval = std::chrono::milliseconds(0)});
  // The same version, and a step more before all others.
  engine.add("ask", (*journal)->run(run_)->code_version, [](Context& run, const Json& input) -> Result<Json> {
    return run.step("look at the weather", input, [](const Json& in) -> Result<Json> { return in; });
  });
  const auto found = engine.preflight(run_);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->problem);
  EXPECT_EQ(found->problem->code, "E0112") << found->problem->message;
  EXPECT_NE(found->problem->message.find("look at the weather"), std::string::npos) << found->problem->message;
}

/// What the names of these promise, and where a dry execution of them ends: past the person's yes, at the step that has an intent and no outcome.
TEST_P(Histories, BreakOffWhereTheirNamesSay) {
  const std::string kind = fs::path(GetParam()).stem().string();
  const auto has = [&](EventType type) { return std::ranges::count(events_, type, &EventInfo::type); };
  const bool open = kind == "killed_in_execute" || kind == "failed_attempt";
  EXPECT_EQ(events_.back().type == EventType::step_started, kind == "killed_in_execute");
  EXPECT_EQ(has(EventType::step_attempt_failed), kind == "failed_attempt" ? 1 : 0);
  EXPECT_EQ(events_.back().type == EventType::cancelled, kind == "cancelled");
  if (!open) return;
  EXPECT_EQ(has(EventType::approval_decided), 1);
  EXPECT_EQ(has(EventType::step_started), 1);
  std::vector<Preflight> found;
  ASSERT_TRUE(product()->preflight({run_}, [&](const Preflight& one, AskStatus) { found.push_back(one); }, {}, {}));
  EXPECT_EQ(found.at(0).at, "round[0]/execute");
}

INSTANTIATE_TEST_SUITE_P(Recorded, Histories, testing::ValuesIn(recorded()), [](const auto& file) {
  std::string name = file.param.substr(file.param.find('/', 6) + 1);
  name.resize(name.size() - std::string_view(".jsonl").size());
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(RecordedHistories, EveryKindIsThereForEachRelease) {
  int releases = 0;
  for (const fs::directory_entry& release : fs::directory_iterator("tests/histories")) {
    if (!release.is_directory()) continue;
    ++releases;
    for (const char* kind : {"parked", "approved_not_executed", "killed_in_execute", "failed_attempt", "rejected", "executed", "approved_by_policy",
                             "failed", "cancelled", "planner_refined", "planner", "model"})
      EXPECT_TRUE(fs::exists(release.path() / (std::string(kind) + ".jsonl"))) << release.path() << " has no " << kind;
  }
  EXPECT_GT(releases, 0);
}

}  // namespace
}  // namespace sluice
