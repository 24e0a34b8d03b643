#include "app/models.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "agents/counting_ledger_for_test.h"
#include "agents/scripted_model_for_test.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

constexpr const char* kModels = R"(
models:
  default: {provider: anthropic, model: claude, api_key: "${A_KEY}", price: {input: 3, output: 15, cached: 0.3}}
  fast: {provider: gemini, model: flash, api_key: "${G_KEY}"}
  local: {provider: openai, base_url: "http://user:s3cr3t@localhost:1/v1?key=s3cr3t", model: qwen, temperature: 0, max_tokens: 100}
  inline: {provider: gemini, model: pro, api_key: s3cr3t}
  chain: {first_of: [default, local]}
agents: {ask: {model: chain}}
)";
constexpr const char* kGood = R"({"ok": true, "word": "sluice"})";

class ModelsTest : public testing::Test {
 protected:
  ModelsTest() {
    script["default"] = script["fast"] = script["local"] = script["inline"] = ScriptedModel::says(kGood);
    auto parsed = parse_config(kModels, "/project/sluice.yaml", environment);
    EXPECT_TRUE(parsed) << parsed.error().message;
    config = *std::move(parsed);
  }
  Result<ModelTest> test(const std::string& name) { return models.test(name, ledger, {}, clock, {}, {}); }

  std::map<std::string, std::string> variables{{"A_KEY", "hunter2"}, {"G_KEY", ""}};
  Environment environment = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Config config{};
  std::map<std::string, ScriptedModel::Script> script{};
  std::atomic<int> opened = 0;
  std::chrono::milliseconds opening{0};  // how long it takes
  FakeClock clock{};
  CountingLedger ledger{};
  Models models{config,
                [this](const ModelConfig& model) -> Result<std::unique_ptr<Model>> {
                  ++opened;
                  std::this_thread::sleep_for(opening);
                  ModelInfo info = model_info(model);
                  if (model.name == "fast") info.price = ModelPrice{.input = 0.3, .output = 2.5};
                  return std::unique_ptr<Model>(std::make_unique<ScriptedModel>(info, script.at(model.name)));
                },
                environment};
};

TEST_F(ModelsTest, EachIsOpenedOnce) {
  opening = std::chrono::milliseconds(20);  // long enough for all threads to be in it at once, if they could
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([this] {
      for (const char* name : {"chain", "default", "local", "chain"}) EXPECT_TRUE(models.open(name));
    });
  threads.clear();
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(*models.open("default"), *models.open("default"));
  EXPECT_EQ((*models.open("chain"))->info().name, "chain");
  EXPECT_EQ((*models.open("chain"))->info().model, "claude");
}

TEST_F(ModelsTest, AnUnknownNameIsSaid) {
  const auto wrong = models.open("defualt");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "E0750");
  EXPECT_EQ(wrong.error().message, "model \"defualt\" is not in sluice.yaml; did you mean \"default\"?");
  const Config none{.path = "/x/sluice.yaml"};
  EXPECT_EQ(Models(none, {}).open("default").error().message, "there are no models in /x/sluice.yaml");
}

TEST_F(ModelsTest, ChainsGoOnWhereTheFirstIsOverloaded) {
  script["default"] = ScriptedModel::fails(ModelFailure::overloaded, "busy");
  const auto tested = test("chain");
  ASSERT_TRUE(tested) << tested.error().message;
  EXPECT_EQ(tested->answered.name, "local");
  EXPECT_EQ(tested->usd, std::nullopt);
  script["local"] = ScriptedModel::fails(ModelFailure::unreachable, "no server");
  Models again(config, [this](const ModelConfig& model) -> Result<std::unique_ptr<Model>> {
    return std::unique_ptr<Model>(std::make_unique<ScriptedModel>(model_info(model), script.at(model.name)));
  });
  EXPECT_EQ(again.test("chain", ledger, {}, clock, {}, {}).error().message, "no model of \"chain\" answered. default: busy. local: no server");
}

TEST_F(ModelsTest, WhatCannotBeOpenedSaysWhy) {
  Models closed(config, [](const ModelConfig& model) -> Result<std::unique_ptr<Model>> {
    return Error{ErrorKind::not_found, "E0711", "no variable for " + model.name, "set it"};
  });
  EXPECT_EQ(closed.open("chain").error().message, "no variable for default");
  EXPECT_EQ(closed.views().size(), 5U);
}

TEST_F(ModelsTest, ViewsShowNoSecret) {
  const std::vector<ModelView> views = models.views();
  ASSERT_EQ(views.size(), 5U);
  EXPECT_EQ(views[0].key, KeyState::set);
  EXPECT_EQ(views[0].key_from, "${A_KEY}");
  EXPECT_FALSE(views[0].problem);
  EXPECT_EQ(views[0].info.price->cached, 0.3);
  EXPECT_EQ(views[0].agents, std::vector<std::string>{"ask"});
  EXPECT_EQ(views[1].key, KeyState::not_set);
  EXPECT_EQ(views[1].problem->message, "model \"fast\", api_key: ${G_KEY} is empty");
  EXPECT_EQ(views[1].info.price->output, 2.5);
  EXPECT_TRUE(views[1].agents.empty());
  EXPECT_EQ(views[2].key, KeyState::not_needed);
  EXPECT_EQ(views[2].info.endpoint, "http://***@localhost:1/v1");
  EXPECT_EQ(views[2].info.temperature, 0);
  EXPECT_EQ(views[2].info.max_tokens, 100);
  EXPECT_TRUE(views[2].password_written_out);
  EXPECT_EQ(views[3].key, KeyState::written_out);
  EXPECT_EQ(views[3].key_from, "***");
  EXPECT_EQ(views[4].first_of, (std::vector<std::string>{"default", "local"}));
  EXPECT_EQ(views[4].agents, std::vector<std::string>{"ask"});
  variables.clear();
  EXPECT_EQ(models.views()[0].problem->message, "model \"default\", api_key: the variable A_KEY is not set");
}

TEST_F(ModelsTest, ATestAsksForJsonAndPricesTheReply) {
  script["default"] = [this](const ModelRequest& request) -> Result<ModelReply> {
    EXPECT_EQ(request.reply_schema["type"], Json("object"));
    EXPECT_EQ(request.messages.size(), 1U);
    clock.pass(std::chrono::milliseconds(812));
    return ModelReply{.text = kGood, .usage = {.input = 1000, .output = 100}, .answered_by = "claude-1"};
  };
  const auto tested = test("default");
  ASSERT_TRUE(tested) << tested.error().message;
  EXPECT_EQ(tested->latency_ms, 812);
  EXPECT_DOUBLE_EQ(*tested->usd, (1000 * 3 + 100 * 15) / 1e6);
  EXPECT_EQ(tested->reply.answered_by, "claude-1");
}

TEST_F(ModelsTest, ARepliedTextIsHeldAgainstTheSchema) {
  for (const char* bad : {"", "sluice", "```json\n{\"ok\": true, \"word\": \"sluice\"}\n```", "[true]", R"({"ok": "true", "word": "sluice"})",
                          R"({"ok": true})", R"({"ok": true, "word": "sluice", "more": 1})", R"({"ok": true, "word": 1})", "\x1b[2J"}) {
    script["local"] = ScriptedModel::says(bad);
    Models fresh(config, [this](const ModelConfig& model) -> Result<std::unique_ptr<Model>> {
      return std::unique_ptr<Model>(std::make_unique<ScriptedModel>(model_info(model), script.at(model.name)));
    });
    const auto tested = fresh.test("local", ledger, {}, clock, {}, {});
    ASSERT_FALSE(tested) << bad;
    EXPECT_EQ(tested.error().code, "E0752");
    EXPECT_EQ(tested.error().message.find('\x1b'), std::string::npos);
  }
  script["fast"] = [](const ModelRequest&) -> Result<ModelReply> { return ModelReply{.text = kGood, .cut = true}; };
  EXPECT_NE(test("fast").error().message.find("cut"), std::string::npos);
}

TEST(ModelFailures, HaveTheNamesThatAConfigurationMayUse) {
  std::vector<std::string_view> names;
  for (const auto& [failure, name] : EnumNames<ModelFailure>::names) names.push_back(name);
  EXPECT_EQ(names, std::vector<std::string_view>(kModelFailures.begin(), kModelFailures.end()));
}

}  // namespace
}  // namespace sluice
