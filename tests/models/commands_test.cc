#include <gtest/gtest.h>

#include <map>

#include "agents/counting_ledger_for_test.h"
#include "agents/scripted_model_for_test.h"
#include "cli/cli.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

// `sluice models` and what `sluice doctor` says of models, as a person sees them.
namespace sluice {
namespace {

constexpr const char* kModels = R"(
models:
  default: {provider: anthropic, model: claude, api_key: "${A_KEY}", price: {input: 3, output: 15}}
  local: {provider: openai, base_url: "http://localhost:1/v1", model: qwen}
  inline: {provider: gemini, model: pro, api_key: s3cr3t}
  chain: {first_of: [default, local]}
agents: {ask: {model: chain}}
)";

class NoPlanner final : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest&) override { return Error{ErrorKind::unanswerable, "E0600", "no planner here", "", 0}; }
};

struct Ran {
  int status = 0;
  std::string out{}, err{};
};

class ModelCommands : public testing::Test {
 protected:
  ModelCommands() {
    for (const char* name : {"default", "local", "inline"}) script[name] = ScriptedModel::says(R"({"ok": true, "word": "sluice"})");
    setenv("A_KEY", "hunter2", 1);
  }
  ~ModelCommands() override { unsetenv("A_KEY"); }

  Result<std::unique_ptr<App>> open() {
    TRY(Config config, parse_config(text, "/project/sluice.yaml"));
    return std::make_unique<App>(std::move(config),
                                 AppPorts{.open_engine = {},
                                          .open_journal = [this](const Config&) -> Result<std::unique_ptr<Journal>> {
                                            return std::unique_ptr<Journal>(std::make_unique<MemoryJournal>([this] { return clock.now(); }));
                                          },
                                          .open_artifacts = [](const Config&) -> Result<std::unique_ptr<Artifacts>> {
                                            return std::unique_ptr<Artifacts>(std::make_unique<MemoryArtifacts>());
                                          },
                                          .open_results = {},
                                          .open_ledger = [](const std::string&) -> Result<std::unique_ptr<Ledger>> {
                                            return std::unique_ptr<Ledger>(std::make_unique<CountingLedger>());
                                          },
                                          .parser = {},
                                          .planner = planner,
                                          .clock = clock,
                                          .random = random,
                                          .today = [] { return std::string("2013-01-31"); },
                                          .person = "ada@test",
                                          .open_model = [this](const ModelConfig& model) -> Result<std::unique_ptr<Model>> {
                                            return std::unique_ptr<Model>(std::make_unique<ScriptedModel>(model_info(model), script.at(model.name)));
                                          }});
  }
  Ran run(std::vector<const char*> words) {
    words.insert(words.begin(), "sluice");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_cli(static_cast<int>(words.size()), words.data(),
                               {.version = "test",
                                .open_app = [this] { return open(); },
                                .probe = {},
                                .installation = [] { return std::vector<std::pair<std::string, Result<std::string>>>(); }});
    Ran ran{status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
    for (const char* secret : {"hunter2", "s3cr3t"}) EXPECT_EQ((ran.out + ran.err).find(secret), std::string::npos) << ran.out << ran.err;
    return ran;
  }
  Json json(std::vector<const char*> words) {
    words.insert(words.end(), {"--output", "json"});
    auto parsed = Json::parse(run(std::move(words)).out);
    EXPECT_TRUE(parsed);
    return parsed ? *parsed : Json();
  }

  std::string text = kModels;
  std::map<std::string, ScriptedModel::Script> script{};
  NoPlanner planner{};
  FakeClock clock{};
  SeededRandom random{1};
};

void expect_has(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << "\nis not in\n" << text;
}

TEST_F(ModelCommands, ListShowsWhatIsConfigured) {
  const Ran ran = run({"models", "list"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  expect_has(ran.out, {"default", "anthropic", "claude", "https://api.anthropic.com", "$3.00 in, $15.00 out", "${A_KEY} set", "4,096",
                       "http://localhost:1/v1", "not needed", "written out in sluice.yaml", "chain: default → local", "ask"});
  unsetenv("A_KEY");
  expect_has(run({"models", "list"}).out, {"${A_KEY} not set"});
}

TEST_F(ModelCommands, ListIsAlsoForPrograms) {
  const Json list = json({"models", "list"});
  ASSERT_EQ(list.size(), 4U);
  const Json& first = list.as_array()->at(0);
  EXPECT_EQ(first.text("name"), "default");
  EXPECT_EQ(first["price"]["cached"], Json(3.0));
  EXPECT_EQ(first.text("key"), "set");
  EXPECT_EQ(first.text("key_from"), "${A_KEY}");
  EXPECT_EQ(list.as_array()->at(2).text("key_from"), "***");
  const Json& chain = list.as_array()->at(3);
  EXPECT_TRUE(chain["provider"].is_null());
  EXPECT_EQ(chain["first_of"].size(), 2U);
  EXPECT_EQ(chain["on"].size(), 3U);
  EXPECT_EQ(run({"models", "list", "--output", "csv"}).out.substr(0, 37), "name,provider,model,endpoint,temperat");
}

TEST_F(ModelCommands, WithoutModelsThatIsSaid) {
  text = "";
  EXPECT_EQ(run({"models", "list"}).status, 0);
  expect_has(run({"models", "list"}).err, {"the built-in planner answers alone"});
  EXPECT_EQ(run({"models", "list", "--output", "json"}).out, "[]\n");
  EXPECT_EQ(run({"models", "test"}).status, 0);
  const Ran named = run({"models", "test", "default"});
  EXPECT_EQ(named.status, 1);
  expect_has(named.err, {"E0750", "there are no models in /project/sluice.yaml", "docs/models.md"});
}

TEST_F(ModelCommands, TestAsksEachAndSaysWhatAnswered) {
  script["default"] = [this](const ModelRequest&) -> Result<ModelReply> {
    clock.pass(std::chrono::milliseconds(1200));
    return ModelReply{.text = R"({"ok": true, "word": "sluice"})", .usage = {.input = 43, .output = 12}, .answered_by = "claude-20250929"};
  };
  const Ran ran = run({"models", "test"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  expect_has(ran.out, {"✓ default: claude-20250929 answered in 1.2 s · 43 tokens in, 12 out · $0.00031 · JSON: automatic", "✓ local: qwen answered",
                       "price not known", "✓ chain: default (claude-20250929) answered"});
  const Json tested = json({"models", "test", "default"});
  ASSERT_EQ(tested.size(), 1U);
  const Json& first = tested.as_array()->at(0);
  EXPECT_EQ(first["ok"], Json(true));
  EXPECT_EQ(first.integer("latency_ms"), 1200);
  EXPECT_EQ(first.integer("tokens_in"), 43);
  EXPECT_TRUE(first["error"].is_null());
}

TEST_F(ModelCommands, OneThatFailsIsToldWithItsNextStep) {
  script["default"] = ScriptedModel::fails(ModelFailure::unauthorized, "the key is wrong");
  script["inline"] = ScriptedModel::says("hello");
  const Ran ran = run({"models", "test"});
  EXPECT_EQ(ran.status, 1);
  expect_has(ran.out, {"✗ default: the key is wrong\n    next: try again", "✓ local: qwen", "✗ inline: model \"inline\" was reached, but",
                       "✗ chain: the key is wrong"});
  const Json tested = json({"models", "test"});
  EXPECT_EQ(tested.as_array()->at(0)["error"].text("code"), "E1004");
  EXPECT_EQ(tested.as_array()->at(2)["error"].text("code"), "E0752");
  EXPECT_EQ(tested.as_array()->at(1)["ok"], Json(true));
  const Ran unknown = run({"models", "test", "lcoal"});
  EXPECT_EQ(unknown.status, 1);
  expect_has(unknown.err, {"E0750", "did you mean \"local\"?"});
}

TEST_F(ModelCommands, DoctorLooksAtKeysAndSendsNothing) {
  for (auto& [name, says] : script)
    says = [](const ModelRequest&) -> Result<ModelReply> {
      ADD_FAILURE() << "doctor asked a model";
      return ModelReply{};
    };
  const Ran fine = run({"doctor"});
  EXPECT_EQ(fine.status, 0) << fine.out << fine.err;
  expect_has(fine.out, {"✓ model default: anthropic claude at https://api.anthropic.com, key ${A_KEY} set; asked by ask",
                        "✓ model inline: gemini pro", "! its key is written out in sluice.yaml", "✓ model chain: chain: default → local"});
  unsetenv("A_KEY");
  const Ran missing = run({"doctor"});
  EXPECT_EQ(missing.status, 1);
  expect_has(missing.out, {"✗ model default: model \"default\", api_key: the variable A_KEY is not set", "next: set it (export A_KEY=…)"});
  // Nobody asks it: worth a warning, but nothing is broken.
  text.replace(text.find("model: chain"), 12, "model: none");
  const Ran unused = run({"doctor"});
  EXPECT_EQ(unused.status, 0);
  expect_has(unused.out, {"! model \"default\", api_key: the variable A_KEY is not set", "! no agent asks a model"});
  text = "";
  expect_has(run({"doctor"}).out, {"✓ models: no model is configured"});
}

}  // namespace
}  // namespace sluice
