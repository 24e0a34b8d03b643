#include "config/model_config.h"

#include <gtest/gtest.h>

#include <map>

#include "config/config.h"

namespace sluice {
namespace {

Environment table(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

Result<Config> parse(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return parse_config(text, "/project/sluice.yaml", table(std::move(variables)));
}

constexpr const char* kFull = R"(
models:
  default: {provider: anthropic, model: claude-sonnet-4-5, api_key: ${ANTHROPIC_API_KEY}, temperature: 0.2, max_tokens: 4096}
  fast:    {provider: gemini, model: gemini-2.5-flash, api_key: secret://env/GEMINI_API_KEY, price: {input: 0.30, output: 2.50, cached: 0.075}}
  local:   {provider: openai, base_url: http://localhost:11434/v1, model: qwen3}
  azure:
    provider: openai
    base_url: https://acme.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21
    model: gpt-4.1
    api_key: secret://file/azure.key
    api_key_header: api-key
    proxy: http://user:${PROXY_PASSWORD}@proxy:3128
    ca_file: certs/ours.pem
    context_tokens: 128000
    timeout: 5m
    allow_private: true
    stream: false
    structured: schema
  chain:   {first_of: [default, local], on: [overloaded, quota]}
  plain:   {first_of: [local, fast]}
agents:
  ask: {model: chain, fast_path: none, candidates: 5, rounds: 2, context_tokens: 8000}
budgets:
  run: {usd: 0.50, tokens: 60000, seconds: 2m}
  day: {usd: 20, calls: 1000}
)";

TEST(ModelConfig, ReadsEveryKey) {
  const auto config = parse(kFull);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->models.size(), 6U);
  const ModelConfig& first = config->models[0];
  EXPECT_EQ(first.name, "default");
  EXPECT_EQ(first.provider, ModelProvider::anthropic);
  EXPECT_EQ(first.model, "claude-sonnet-4-5");
  EXPECT_EQ(first.temperature, 0.2);
  EXPECT_EQ(first.max_tokens, 4096);
  EXPECT_EQ(first.timeout_seconds, 120);
  EXPECT_TRUE(first.stream);
  EXPECT_FALSE(first.allow_private);
  EXPECT_FALSE(first.price);
  EXPECT_EQ(first.structured, StructuredReplies::automatic);
  EXPECT_EQ(config->models[1].price, (PriceConfig{.input = 0.30, .output = 2.50, .cached = 0.075, .cache_written = 0.30}));
  EXPECT_EQ(config->models[1].temperature, std::nullopt);
  const auto anthropic = parse("models: {a: {provider: anthropic, model: m, api_key: k, price: {input: 4, output: 20}}}");
  EXPECT_EQ(anthropic->models[0].price, (PriceConfig{.input = 4, .output = 20, .cached = 4, .cache_written = 5}));
  EXPECT_TRUE(config->models[2].api_key.empty());
  const ModelConfig& azure = config->models[3];
  EXPECT_EQ(azure.api_key_header, "api-key");
  EXPECT_EQ(azure.ca_file, "/project/certs/ours.pem");
  EXPECT_EQ(azure.context_tokens, 128'000);
  EXPECT_EQ(azure.timeout_seconds, 300);
  EXPECT_TRUE(azure.allow_private);
  EXPECT_FALSE(azure.stream);
  EXPECT_EQ(azure.structured, StructuredReplies::schema);
  EXPECT_EQ(*azure.proxy.reveal(table({{"PROXY_PASSWORD", "a@b"}})), "http://user:a%40b@proxy:3128");
  EXPECT_EQ(config->models[4].first_of, (std::vector<std::string>{"default", "local"}));
  EXPECT_EQ(config->models[4].on, (std::vector<std::string>{"overloaded", "quota"}));
  EXPECT_EQ(config->models[5].on, (std::vector<std::string>{"overloaded", "timeout", "unreachable"}));
  EXPECT_EQ(config->agents.ask, (AgentConfig{"ask", "chain", false, 5, 2, 8000}));
  EXPECT_EQ(config->budgets.run, (BudgetConfig{.usd = 0.5, .tokens = 60'000, .seconds = 120}));
  EXPECT_EQ(config->budgets.day, (BudgetConfig{.usd = 20, .calls = 1000}));
}

TEST(ModelConfig, WithoutModelsNothingIsAsked) {
  for (const char* text : {"", "models:\nagents:\nbudgets:\n", "models: {}", "agents: {ask: {rounds: 1}}", "agents: {ask: {model: none}}"}) {
    const auto config = parse(text);
    ASSERT_TRUE(config) << text << config.error().message;
    EXPECT_TRUE(config->models.empty());
    EXPECT_EQ(config->agents.ask.model, "") << text;
    EXPECT_TRUE(config->agents.ask.fast_path);
    EXPECT_EQ(config->budgets, BudgetsConfig{});
  }
}

TEST(ModelConfig, TheAgentTakesTheModelThatIsMeant) {
  const std::string a = "models: {a: {provider: gemini, model: m, api_key: k}", b = ", b: {provider: gemini, model: m, api_key: k}";
  const std::string named = ", default: {provider: gemini, model: m, api_key: k}";
  struct Case {
    std::string text, variable, model;
  };
  for (const Case& c : std::vector<Case>{{a + "}", "", "a"},
                                         {a + b + "}", "", ""},
                                         {a + b + named + "}", "", "default"},
                                         {a + b + "}\nagents: {ask: {model: b}}", "", "b"},
                                         {a + b + named + "}\nagents: {ask: {model: none}}", "", ""},
                                         {a + b + "}\nagents: {ask: {model: b}}", "a", "a"},
                                         {a + b + named + "}", "none", ""},
                                         {"", "none", ""}}) {
    const auto config = parse(c.text, {{"SLUICE_MODEL", c.variable}});
    ASSERT_TRUE(config) << c.text << config.error().message;
    EXPECT_EQ(config->agents.ask.model, c.model) << c.text << c.variable;
  }
  const auto wrong = parse(a + b + "}", {{"SLUICE_MODEL", "c"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "E0750");
  EXPECT_NE(wrong.error().message.find("SLUICE_MODEL names \"c\""), std::string::npos);
  EXPECT_EQ(wrong.error().hint, "the models are a, b");
}

TEST(ModelConfig, RefusesWhatIsWrongAndSaysWhere) {
  const auto plain = [](const std::string& more) { return "models:\n  a:\n    {provider: gemini, model: m, api_key: s3cr3t, " + more + "}"; };
  const auto chain = [](const std::string& entry) {
    return "models:\n  a: &m {provider: gemini, model: m, api_key: s3cr3t}\n  b: *m\n  both: {first_of: [a, b]}\n  c:\n    " + entry;
  };
  std::string many = "models:\n";
  for (int i = 0; i < 101; ++i) many += "  m" + std::to_string(i) + ": {provider: gemini, model: m, api_key: k}\n";
  struct Case {
    std::string text, code, words;
  };
  const std::vector<Case> cases{
      {"modles: {}", "E0702", "did you mean \"models\"?"},
      {"models: [a]", "E0703", "models has to be a map"},
      {many, "E0703", "at most 100 models"},
      {"models: {a: 1}", "E0703", "model \"a\" has to be a map"},
      {"models: {a: {}}", "E0704", "model \"a\" lacks \"provider\""},
      {"models: {none: {provider: gemini, model: m, api_key: s3cr3t}}", "E0703", "\"none\" can't be the name"},
      {"models: {'a b': {provider: gemini, model: m, api_key: s3cr3t}}", "E0703", "\"a b\" can't be the name"},
      {"models:\n  a:\n    provider: antropic\n    model: m", "E0703",
       "line 3: the provider of model \"a\" is none that Sluice knows; did you mean \"anthropic\"?"},
      {"models:\n  a:\n    provider: gemini\n    modle: m", "E0702", "line 4: there is no key \"modle\" in model \"a\"; did you mean \"model\"?"},
      {"models: {a: {provider: gemini, api_key: s3cr3t}}", "E0704", "lacks \"model\""},
      {"models: {a: {provider: gemini, model: '', api_key: s3cr3t}}", "E0703", "model has to be"},
      {"models: {a: {provider: gemini, model: m}}", "E0704", "model \"a\" is of provider gemini and lacks \"api_key\""},
      {"models: {a: {provider: anthropic, model: m}}", "E0704", "of provider anthropic and lacks \"api_key\""},
      {"models: {a: {provider: openai, model: m}}", "E0704", "of provider openai and lacks \"api_key\""},
      {"models: {a: {provider: openai, model: m, base_url: https://api.example.com/v1}}", "E0704", "lacks \"api_key\""},
      {"models: {a: {provider: anthropic, model: m, api_key: none}}", "E0704", "wants a key"},
      {"models: {a: {provider: gemini, model: m, api_key: [s3cr3t]}}", "E0703", "api_key has to be a text"},
      {"models: {a: {provider: gemini, model: m, api_key: 'secret://vault/s3cr3t'}}", "E0710", "api_key: there is no secret:// reference"},
      {"models: {a: {provider: gemini, model: m, api_key: '${s3cr3t'}}", "E0710", "not closed"},
      {plain("api_key_header: x"), "E0702", "no key \"api_key_header\""},
      {"models: {a: {provider: openai, model: m, api_key: k, api_key_header: 'a: b'}}", "E0703", "the name of an HTTP header"},
      {plain("base_url: 's3cr3t'"), "E0703", "base_url has to be a URL"},
      {plain("proxy: 'ftp://s3cr3t'"), "E0703", "proxy has to be a URL"},
      {plain("temperature: warm"), "E0703", "line 3: temperature is not a number"},
      {plain("temperature: 2.01"), "E0703", "temperature has to be a number from 0 to 2"},
      {plain("temperature: -0.1"), "E0703", "temperature has to be"},
      {plain("temperature: nan"), "E0703", "temperature is not a number"},
      {plain("max_tokens: 0"), "E0703", "max_tokens has to be a whole number from 1 to 200000"},
      {plain("max_tokens: 200001"), "E0703", "max_tokens has to be"},
      {plain("max_tokens: 4k"), "E0703", "max_tokens is not a whole number"},
      {plain("max_tokens: 1000, context_tokens: 1000"), "E0703", "context_tokens has to be more than max_tokens"},
      {plain("context_tokens: 4096"), "E0703", "context_tokens has to be more than max_tokens"},
      {plain("timeout: 120"), "E0705", "timeout is a number without a unit"},
      {plain("timeout: 2h"), "E0703", "timeout has to be at most an hour"},
      {plain("stream: maybe"), "E0703", "stream has to be true or false"},
      {plain("structured: schemas"), "E0703", "structured is none that Sluice knows; did you mean \"schema\"?"},
      {plain("price: 3"), "E0703", "price has to be a map"},
      {plain("price: {input: 3}"), "E0704", "the price of model \"a\" lacks \"output\""},
      {plain("price: {input: 3, output: -1}"), "E0703", "output has to be a number from 0"},
      {plain("price: {input: 3, output: 1, cache: 1}"), "E0702", "did you mean \"cached\"?"},
      {plain("on: [timeout]"), "E0702", "no key \"on\" in model \"a\""},
      {chain("{first_of: [a, b], model: m}"), "E0702", "no key \"model\" in model \"c\", a chain"},
      {chain("{first_of: a}"), "E0703", "first_of has to be a list of 2 to 8 names"},
      {chain("{first_of: [a]}"), "E0703", "first_of has to be a list"},
      {chain("{first_of: [a, b, a]}"), "E0751", "first_of names \"a\" twice"},
      {chain("{first_of: [a, bb]}"), "E0750", "line 6: first_of of model \"c\" names \"bb\", which is no model"},
      {chain("{first_of: [a, bath]}"), "E0750", "did you mean \"both\"?"},
      {chain("{first_of: [a, c]}"), "E0751", "first_of of model \"c\" names itself"},
      {chain("{first_of: [a, both]}"), "E0751", "names \"both\", which is a chain too"},
      {chain("{first_of: [a, b], on: [timeot]}"), "E0703", "\"timeot\" is no failure of a model; did you mean \"timeout\"?"},
      {chain("{first_of: [a, b], on: []}"), "E0703", "on has to be a list"},
      {"agents: {answer: {}}", "E0702", "no key \"answer\" in agents"},
      {"agents: {ask: {modle: a}}", "E0702", "did you mean \"model\"?"},
      {"agents: {ask: {model: default}}", "E0750", "agents.ask names \"default\", which is no model"},
      {chain("{first_of: [a, b]}") + "\nagents:\n  ask:\n    model: bot", "E0750",
       "line 9: agents.ask names \"bot\", which is no model; did you mean \"both\"?"},
      {"agents: {ask: {fast_path: yes}}", "E0703", "fast_path has to be built-in or none"},
      {"agents: {ask: {candidates: 0}}", "E0703", "candidates has to be a whole number from 1 to 10"},
      {"agents: {ask: {rounds: 11}}", "E0703", "rounds has to be"},
      {"agents: {ask: {context_tokens: 12}}", "E0703", "context_tokens has to be"},
      {"budgets: {week: {}}", "E0702", "no key \"week\" in budgets"},
      {"budgets: {run: {dollars: 1}}", "E0702", "no key \"dollars\" in budgets.run"},
      {"budgets: {run: {usd: 0}}", "E0703", "budgets.run.usd can't be 0"},
      {"budgets: {day: {usd: -1}}", "E0703", "budgets.day.usd has to be"},
      {"budgets: {day: {usd: 1 USD}}", "E0703", "budgets.day.usd is not a number"},
      {"budgets: {run: {tokens: 0}}", "E0703", "budgets.run.tokens can't be 0"},
      {"budgets: {run: {seconds: 1y}}", "E0705", "budgets.run.seconds"},
  };
  for (const Case& c : cases) {
    const auto config = parse(c.text);
    ASSERT_FALSE(config) << c.text.substr(0, 300);
    EXPECT_EQ(config.error().code, c.code) << c.text.substr(0, 300) << "\n" << config.error().message;
    EXPECT_NE(config.error().message.find(c.words), std::string::npos) << c.text.substr(0, 300) << "\n" << config.error().message;
    EXPECT_FALSE(config.error().hint.empty()) << config.error().message;
    EXPECT_EQ((config.error().message + config.error().hint).find("s3cr3t"), std::string::npos) << config.error().message;
  }
}

TEST(ModelConfig, AServerOfOnesOwnNeedsNoKey) {
  for (const char* url :
       {"http://localhost:11434/v1", "http://127.0.0.1:8000/v1", "http://10.1.2.3/v1", "http://[::1]:8000/v1", "http://ollama:11434/v1",
        "https://llm.corp.internal/v1", "http://GPU.local/v1", "http://u:p@box:1/v1", "${LLM_URL}", "https://${LLM_HOST}/v1"}) {
    const auto config = parse(std::string("models: {a: {provider: openai, model: m, base_url: '") + url + "'}}");
    EXPECT_TRUE(config) << url << ": " << config.error().message;
  }
  const auto asked = parse("models: {a: {provider: openai, model: m, base_url: 'https://llm.example.com/v1'}}");
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().hint, "add `api_key: ${OPENAI_API_KEY}` and set the variable; where the server wants no key: `api_key: none`");
  for (const char* provider : {"openai", "anthropic", "gemini"}) {
    const auto none = parse(std::string("models: {a: {provider: ") + provider + ", model: m, base_url: 'https://llm.example.com', api_key: none}}");
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_TRUE(none->models[0].api_key.empty());
  }
}

TEST(ModelConfig, KeysStayReferences) {
  const auto config = parse("models: {a: {provider: gemini, model: m, api_key: '${KEY}'}}", {{"KEY", "first"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(*config->models[0].api_key.reveal(table({{"KEY", "second"}})), "second");
  EXPECT_EQ(config->models[0].api_key.reveal(table({})).error().code, "E0711");
  struct Case {
    std::string key, shown;
    bool literal;
  };
  for (const Case& c : std::vector<Case>{{"${KEY}", "${KEY}", false},
                                         {"secret://env/KEY", "${KEY}", false},
                                         {"secret://file//run/key", "secret://file//run/key", false},
                                         {"s3cr3t", "***", true},
                                         {"s3cr3t-${KEY}", "***${KEY}", true},
                                         {"${KEY:-s3cr3t}", "${KEY}", true},
                                         {"${KEY:-}", "${KEY}", false}}) {
    const SecretText key = *SecretText::parse(c.key);
    EXPECT_EQ(key.masked_wholly(), c.shown);
    EXPECT_EQ(key.has_literal(), c.literal) << c.key;
  }
}

TEST(ModelConfig, AnEndpointIsShownWithoutSecrets) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"http://localhost:11434/v1", "http://localhost:11434/v1"},
      {"https://user:s3cr3t@host/v1", "https://***@host/v1"},
      {"https://s3cr3t@host/v1", "https://***@host/v1"},
      {"https://host/v1?api-version=1&key=s3cr3t", "https://host/v1"},
      {"https://${HOST}/v1", "https://${HOST}/v1"},
      {"https://host/models/a@b", "https://host/models/a@b"},
  };
  for (const auto& [url, shown] : cases) {
    const auto config = parse("models: {a: {provider: openai, model: m, api_key: k, base_url: '" + url + "'}}");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(shown_endpoint(config->models[0]), shown);
    EXPECT_EQ(*revealed_base_url(config->models[0], table({{"HOST", "${HOST}"}})), url);
  }
  const auto own = parse("models: {a: {provider: gemini, model: m, api_key: k}}");
  EXPECT_EQ(shown_endpoint(own->models[0]), "https://generativelanguage.googleapis.com");
  EXPECT_EQ(*revealed_base_url(own->models[0], table({})), "https://generativelanguage.googleapis.com");
}

}  // namespace
}  // namespace sluice
