#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "agents/counting_ledger_for_test.h"
#include "audit_base.h"
#include "cli/cli.h"

// `sluice audit …`, `sluice runs prune` and `sluice runs preflight`, as a person and a program see them.
namespace sluice {
namespace {

namespace fs = std::filesystem;

class NoPlanner final : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest&) override { return Error{ErrorKind::unanswerable, "E0600", "no planner here", "", 0}; }
};

/// Results that are names alone.
class NamedResults final : public ResultStore {
 public:
  explicit NamedResults(std::map<std::string, std::int64_t>& names) : names_(names) {}
  Result<std::unique_ptr<ResultWriter>> create() override { return Error::bug("nothing is written here"); }
  Result<> read(const std::string&, std::int64_t, RowSink&) override { return {}; }
  Result<> copy(const std::string&, const std::function<Result<>(std::string_view)>&) override { return {}; }
  Result<Swept> sweep(const Sweep& sweep) override {
    Swept swept;
    for (const auto& [name, bytes] : std::map(names_)) {
      if (sweep.is_kept(name)) continue;
      swept.files += 1;
      swept.bytes += bytes;
      if (!sweep.dry) names_.erase(name);
    }
    return swept;
  }

 private:
  std::map<std::string, std::int64_t>& names_;
};

struct Ran {
  int status = 0;
  std::string out{}, err{};
};

class AuditCommands : public AuditTest {
 protected:
  Result<std::unique_ptr<App>> open_app() {
    Config config;
    config.home = folder_.path("");
    config.path = folder_.path("sluice.yaml");
    return std::make_unique<App>(std::move(config), AppPorts{.open_engine = {},
                                                             .open_journal = [this](const Config&) -> Result<std::unique_ptr<Journal>> {
                                                               TRY(auto journal,
                                                                   SqliteJournal::open(file_, {.now = [this] { return clock_.now(); }}));
                                                               return std::unique_ptr<Journal>(std::move(journal));
                                                             },
                                                             .open_artifacts = [this](const Config&) -> Result<std::unique_ptr<Artifacts>> {
                                                               TRY(auto artifacts, ArtifactDir::open(folder_.path("artifacts")));
                                                               return std::unique_ptr<Artifacts>(std::move(artifacts));
                                                             },
                                                             .open_results = [this](const std::string&) -> Result<std::unique_ptr<ResultStore>> {
                                                               return std::unique_ptr<ResultStore>(std::make_unique<NamedResults>(results_));
                                                             },
                                                             .open_ledger = [](const std::string&) -> Result<std::unique_ptr<Ledger>> {
                                                               return std::unique_ptr<Ledger>(std::make_unique<CountingLedger>());
                                                             },
                                                             .parser = {},
                                                             .planner = planner_,
                                                             .clock = clock_,
                                                             .random = random_,
                                                             .today = [] { return std::string("2013-01-31"); },
                                                             .person = "ada@test"});
  }
  Ran run(const std::vector<std::string>& given) {
    std::vector<const char*> words{"sluice"};
    for (const std::string& word : given) words.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_cli(static_cast<int>(words.size()), words.data(),
                               {.version = "test",
                                .open_app = [this] { return open_app(); },
                                .probe = {},
                                .installation = [] { return std::vector<std::pair<std::string, Result<std::string>>>(); }});
    return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }
  Json json(std::vector<std::string> words) {
    words.insert(words.end(), {"--output", "json"});
    auto parsed = Json::parse(run(words).out);
    EXPECT_TRUE(parsed);
    return parsed ? *parsed : Json();
  }
  /// An artifact that nobody has touched for two days.
  std::string old_artifact(const std::string& bytes) {
    const std::string hash = *artifacts_->put(bytes);
    age(hash);
    return hash;
  }
  void age(const std::string& hash) const {
    fs::last_write_time(folder_.path("artifacts/" + hash.substr(0, 2) + "/" + hash), fs::file_time_type::clock::now() - std::chrono::hours(48));
  }
  bool is_there(const std::string& hash) { return static_cast<bool>(artifacts_->get(hash)); }

  NoPlanner planner_{};
  std::map<std::string, std::int64_t> results_{};
};

void expect_has(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << "\nis not in\n" << text;
}

TEST_F(AuditCommands, VerifySaysWhatIsThereAndWhatIsWrong) {
  fill();
  const Ran fine = run({"audit", "verify"});
  EXPECT_EQ(fine.status, 0) << fine.err;
  expect_has(fine.out, {"5 entries: 3 decisions, 1 effect, 0 refusals; compared with 4 runs"});
  expect_has(fine.err, {"the chain is whole", "only anchors tell"});
  Json report = json({"audit", "verify"});
  EXPECT_EQ(report["sound"], Json(true));
  EXPECT_EQ(report.integer("entries"), 5);
  sql("UPDATE wf_approval SET decided_by = 'bob' WHERE run_id = '" + acted_.text + "'");
  const Ran wrong = run({"audit", "verify"});
  EXPECT_EQ(wrong.status, 1);
  expect_has(wrong.out, {"✗ entry 1 · run " + acted_.text + " · may it: approval"});
  expect_has(wrong.err, {"error E0131", "its decider is \"bob\", and was \"ann\"", "keep a copy of the journal"});
  report = json({"audit", "verify"});
  EXPECT_EQ(report["sound"], Json(false));
  EXPECT_EQ(report["faults"].as_array()->front().integer("no"), 1);
}

TEST_F(AuditCommands, AnchorsHoldTheChain) {
  const std::string anchors = folder_.path("anchors.jsonl");
  expect_has(run({"audit", "anchor", anchors}).err, {"nothing was noted"});
  EXPECT_FALSE(fs::exists(anchors));
  fill();
  EXPECT_EQ(run({"audit", "anchor", anchors}).status, 0);
  decide(waits_, DecisionAction::approve);
  expect_has(run({"audit", "anchor", anchors}).err, {"noted in", "entry 8"});
  const Ran fine = run({"audit", "verify", "--anchor", anchors});
  EXPECT_EQ(fine.status, 0) << fine.err;
  expect_has(fine.out, {"held against 2 anchors"});
  std::ofstream(anchors, std::ios::app) << "{\"no\": 9, \"ha";  // a crash in the middle of a line
  EXPECT_EQ(run({"audit", "verify", "--anchor", anchors}).status, 0);
  sql("UPDATE wf_audit SET body = replace(body, 'because', 'no cause') WHERE no = 4; UPDATE wf_approval SET reason = 'no cause' WHERE run_id = '" +
      refused_.text + "'; UPDATE wf_event SET body = replace(body, 'because', 'no cause') WHERE type = 6 AND run_id = '" + refused_.text + "'");
  rechain(4);
  EXPECT_EQ(run({"audit", "verify"}).status, 0);
  expect_has(run({"audit", "verify", "--anchor", anchors}).err, {"E0131", "not the one that the anchor of"});
  const Ran refused = run({"audit", "anchor", anchors});
  EXPECT_EQ(refused.status, 1) << "a new anchor would cover it up";
  expect_has(refused.err, {"E0131", "nothing was noted"});
  expect_has(run({"audit", "verify", "--anchor", folder_.path("none")}).err, {"E0138", "cannot be read"});
  std::ofstream(anchors) << "{}\n{}\n";
  expect_has(run({"audit", "verify", "--anchor", anchors}).err, {"E0138", "line 1 is no anchor"});
}

/// What docs/audit.md says a person can do without Sluice.
std::string python_of_the_manual() {
  std::ifstream in("docs/audit.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  constexpr std::string_view kBegins = "```python\n";
  const std::size_t at = text.find(kBegins) + kBegins.size();
  return text.substr(at, text.find("```", at) - at);
}

TEST_F(AuditCommands, AnExportCanBeVerifiedWithoutSluice) {
  fill();
  const std::string file = folder_.path("audit.jsonl"), program = folder_.path("verify.py");
  const Ran out = run({"audit", "export"});
  EXPECT_EQ(out.status, 0) << out.err;
  expect_has(run({"audit", "export", file}).err, {"wrote 5 entries to"});
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, out.out);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  std::ofstream(program) << python_of_the_manual();
  const auto verify = [&](const std::string& content) {
    std::ofstream(file) << content;
    return std::system(("python3 " + program + " " + file + " 2>/dev/null").c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  };
  EXPECT_EQ(verify(text), 0);
  std::string edited = text;
  edited.replace(edited.find("ann"), 3, "bob");
  EXPECT_NE(verify(edited), 0);
  const std::size_t second = text.find('\n') + 1, third = text.find('\n', second) + 1;
  EXPECT_NE(verify(text.substr(0, second) + text.substr(third)), 0) << "a line is missing";
  EXPECT_EQ(verify(text.substr(third)), 0) << "a part of it";
  clock_.pass(std::chrono::hours(5));
  ASSERT_TRUE(engine_->drive(waits_));  // its time ran out
  const std::string newest = run({"audit", "export", "--since", "1h"}).out;
  EXPECT_EQ(std::count(newest.begin(), newest.end(), '\n'), 1);
  expect_has(newest, {"\"kind\":\"expiry\""});
  EXPECT_EQ(run({"audit", "export", folder_.path("none/file")}).status, 1);
}

TEST_F(AuditCommands, PruneDeletesOldRunsAndWhatOnlyTheyNeeded) {
  const std::string inner = old_artifact("inner"), needed = old_artifact("{\"names\": \"" + inner + "\"}"), old = old_artifact("of an old run"),
                    free = old_artifact("of nobody"), young = *artifacts_->put("just written"), noted = old_artifact("a catalog");
  fs::create_directories(folder_.path("catalogs"));
  std::ofstream(folder_.path("catalogs/shop.json")) << "{\"artifact\": \"" << noted << "\"}";
  const std::string kept_rows(64, 'a'), old_rows(64, 'b');
  results_ = {{kept_rows, 10}, {old_rows, 7}};
  acted_ = ask("see " + old + " and " + old_rows);
  decide(acted_, DecisionAction::approve);
  clock_.pass(std::chrono::hours(24 * 100));
  waits_ = ask("see " + needed + " and " + kept_rows);
  const Ran dry = run({"runs", "prune", "--older-than", "90d", "--dry-run"});
  EXPECT_EQ(dry.status, 0) << dry.err;
  expect_has(dry.out, {"would delete 1 run with 7 events, 0 approvals; 2 artifacts", "and 1 result (7 B)"});
  EXPECT_TRUE(is_there(old) && is_there(free));
  EXPECT_TRUE(journal_->run(acted_));
  const Json done = json({"runs", "prune", "--older-than", "90d"});
  EXPECT_EQ(done.integer("runs"), 1);
  EXPECT_EQ(done["artifacts"].integer("files"), 2);
  EXPECT_EQ(done["results"].integer("bytes"), 7);
  EXPECT_FALSE(journal_->run(acted_));
  EXPECT_TRUE(journal_->run(waits_));
  EXPECT_FALSE(is_there(old) || is_there(free));
  EXPECT_TRUE(is_there(needed)) << "a run names it";
  EXPECT_TRUE(is_there(inner)) << "what a run names names it";
  EXPECT_TRUE(is_there(young));
  EXPECT_TRUE(is_there(noted));
  EXPECT_EQ(results_.size(), 1U);
  EXPECT_EQ(journal_->approvals({.open_only = false})->size(), 2U) << "approvals are kept longer";
  EXPECT_EQ(run({"audit", "verify"}).status, 0);
  clock_.pass(std::chrono::hours(24 * 300));
  expect_has(run({"runs", "prune", "--older-than", "90d"}).out, {"1 approval;"});
  EXPECT_EQ(run({"audit", "verify"}).status, 0);
  EXPECT_EQ(run({"runs", "prune", "--older-than", "often"}).status, 2);
}

TEST_F(AuditCommands, AnArtifactThatIsPutAgainIsYoungAgain) {
  const std::string bytes = "written long ago", hash = old_artifact(bytes);
  ASSERT_EQ(*artifacts_->put(bytes), hash);
  EXPECT_EQ(artifacts_->sweep({.is_kept = [](const std::string&) { return false; }})->files, 0);
  age(hash);
  // Somebody puts it between the look at its age and its removal.
  const auto swept = artifacts_->sweep({.is_kept = [&](const std::string&) {
    EXPECT_TRUE(artifacts_->put(bytes));
    return false;
  }});
  EXPECT_EQ(swept->files, 0);
  EXPECT_TRUE(is_there(hash));
  age(hash);
  EXPECT_EQ(artifacts_->sweep({.is_kept = [](const std::string&) { return false; }})->files, 1);
  EXPECT_FALSE(is_there(hash));
}

TEST_F(AuditCommands, PreflightSaysWhichRunsThisReleaseCannotGoOnWith) {
  EXPECT_EQ(run({"runs", "preflight"}).status, 0);
  fill();
  const Ran ran = run({"runs", "preflight"});  // the product has no workflow "w"
  EXPECT_EQ(ran.status, 1);
  expect_has(ran.out, {waits_.text, "E0103"});
  expect_has(ran.err, {"0 runs can go on with this release, 1 cannot"});
  const Json found = json({"runs", "preflight", waits_.text});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.as_array()->front()["fine"], Json(false));
  EXPECT_EQ(run({"runs", "preflight", "r-none"}).status, 1);
}

}  // namespace
}  // namespace sluice
