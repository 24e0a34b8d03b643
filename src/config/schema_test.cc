// docs/schemas/sluice-yaml.schema.json against the reader: what one takes the other takes.
#include <gtest/gtest.h>

#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "config/config.h"
#include "config/yaml.h"

namespace sluice {
namespace {

Result<Config> parse(const std::string& text) {
  return parse_config(text, "/project/sluice.yaml", [](const std::string&) -> std::optional<std::string> { return std::nullopt; });
}

nlohmann::json as_json(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return nullptr;
  if (node.kind == YamlNode::Kind::list) {
    auto list = nlohmann::json::array();
    for (const YamlNode& item : node.items) list.push_back(as_json(item));
    return list;
  }
  if (node.kind == YamlNode::Kind::map) {
    auto map = nlohmann::json::object();
    for (const auto& [key, member] : node.members) map[key] = as_json(member);
    return map;
  }
  const auto scalar = node.plain ? nlohmann::json::parse(node.text, nullptr, false) : nlohmann::json(node.text);
  return scalar.is_discarded() ? nlohmann::json(node.text) : scalar;
}

/// The examples of a page of the documentation.
std::vector<std::string> yaml_blocks(const std::string& page) {
  std::ifstream file(page);
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```yaml") blocks.emplace_back();
    if (inside && line != "```") blocks.back() += line + "\n";
    inside = line == "```yaml" || (inside && line != "```");
  }
  return blocks;
}

TEST(ConfigSchema, TheDocumentedModelsAreRead) {
  const std::vector<std::string> blocks = yaml_blocks("docs/models.md");
  EXPECT_EQ(blocks.size(), 3U);
  for (const std::string& block : blocks) {
    const auto config = parse(block);
    EXPECT_TRUE(config) << block << config.error().message;
    EXPECT_FALSE(config->models.empty()) << block;
  }
}

TEST(ConfigSchema, TakesAndRefusesWhatTheReaderDoes) {
  std::ifstream file("docs/schemas/sluice-yaml.schema.json");
  const auto document = nlohmann::json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  std::vector<std::string> texts{
      "connections:\n  wh: {dbt_profile: shop, target: prod}\n",
      "connections: {a: {kind: duckdb, path: x, dbt_project: ../jaffle}}",
      "connections: {a: {kind: postgres, url: y, dbt_project: [a]}}",
      "glossary: words.yml",
      "journal: postgresql://sluice@db/ops",
      "glossary: [words.yml]",
      "limits: {bytes_max: 5 bananas}",
      "limits: {rows_max: many}",
      "limits: {rowsmax: 1}",
      "connections: {a: {kind: duckdb}}",
      "connections: {a: {kind: duckdb, path: x, url: y}}",
      "connections: {a: {kind: mysql, url: y}}",
      "connections: {a: {kind: files, files: x.csv}}",
      "connections: {a: {kind: files, files: []}}",
      "approvals: {auto: {reads: 1}}",
      "approvals: {timeout: 20y}",
      "approvals: {timeout: 30}",
      "approvals: {timeout: 30.5}",
      "approvals: {timeout: 1.5h}",
      "limits: {seconds: 30}",
      "approvals: {timeout: 1d, auto: {reads: false}}",
      "models: {a: {provider: anthropic, model: m, api_key: '${K}', temperature: 0.2, max_tokens: 4096}}",
      "models: {a: {provider: anthropic, model: m}}",
      "models: {a: {provider: anthropic, model: m, api_key: none}}",
      "models: {a: {provider: anthropic, model: m, api_key: none, base_url: 'http://gateway'}}",
      "models: {a: {provider: gemini, model: m, base_url: 'http://gateway'}}",
      "models: {a: {provider: openai, model: m, base_url: 'http://localhost:11434/v1'}}",
      "models: {a: {provider: openai, model: m, base_url: 'localhost:11434/v1'}}",
      "models: {a: {provider: openai, model: m}}",
      "models: {a: {provider: openai, model: m, api_key: '${K}', api_key_header: api-key}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', api_key_header: api-key}}",
      "models: {a: {provider: opnai, model: m, api_key: '${K}'}}",
      "models: {a: {model: m, api_key: '${K}'}}",
      "models: {a: {provider: gemini, api_key: '${K}'}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', temprature: 1}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', temperature: 2.1}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', max_tokens: 0}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', max_tokens: 200000}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', max_tokens: 200001}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', timeout: 30}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', timeout: 30s, stream: false, allow_private: true, ca_file: x}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', structured: best}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', structured: tool, proxy: 'http://p:3128'}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', price: {input: 1}}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', price: {input: 0, output: 1.5, cached: 0.1}}}",
      "models: {a: {provider: gemini, model: m, api_key: '${K}', price: {input: -1, output: 1}}}",
      "models: {none: {provider: gemini, model: m, api_key: '${K}'}}",
      "models: {'a b': {provider: gemini, model: m, api_key: '${K}'}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, b: *m, c: {first_of: [a, b]}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, b: *m, c: {first_of: [a, b], on: [quota, garbled]}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, b: *m, c: {first_of: [a, b], on: [bored]}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, b: *m, c: {first_of: [a, b], on: []}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, c: {first_of: [a]}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, c: {first_of: [a, a]}}",
      "models: {a: &m {provider: gemini, model: m, api_key: k}, b: *m, c: {first_of: [a, b], provider: gemini}}",
      "models:\nagents:\nbudgets:\n",
      "agents: {ask: {fast_path: built-in, candidates: 3, rounds: 10, context_tokens: 12000}}",
      "agents: {ask: {model: none, fast_path: none}}",
      "agents: {ask: {fast_path: built_in}}",
      "agents: {ask: {candidates: 11}}",
      "agents: {ask: {rounds: 0}}",
      "agents: {answer: {rounds: 1}}",
      "budgets: {run: {usd: 0.50, tokens: 60000, seconds: 120}, day: {usd: 20, calls: 100}}",
      "budgets: {run: {usd: 0}}",
      "budgets: {run: {usd: -1}}",
      "budgets: {run: {tokens: 0}}",
      "budgets: {run: {seconds: 0}}",
      "budgets: {run: {seconds: 2m}}",
      "budgets: {week: {usd: 1}}",
      "queues:\nworker:\n",
      "queues: {default: , etl: {running_max: 8, tenant_running_max: 2, starts_max: 100, starts_per: 1m}}",
      "queues: {etl: {running_max: 0}}",
      "queues: {etl: {starts_max: 1}}",
      "queues: {etl: {starts_per: 1m}}",
      "queues: {etl: {starts_max: 1, starts_per: 1}}",
      "queues: {etl: {running: 1}}",
      "queues: {'a|b': {running_max: 1}}",
      "queues: [etl]",
      "worker: {queues: [default, etl], concurrency: 64, drain: 2m}",
      "worker: {queues: []}",
      "worker: {queues: [etl, etl]}",
      "worker: {queues: ['a b']}",
      "worker: {concurrency: 65}",
      "worker: {concurrency: 0}",
      "worker: {drain: 30}",
      "worker: {threads: 4}",
      "approvals: {four_eyes: true}",
      "approvals: {four_eyes: 1}",
      "server:\n",
      "server: {listen: 0.0.0.0:80, login: off, environment: staging}",
      "server: {listen: example.org:80, login: off}",
      "server: {login: off, listen: '[::1]:8080', public_url: 'https://s.example.org/', trusted_proxies: [127.0.0.1/32, 'fd00::/8', 10.1.2.3]}",
      "server: {public_url: 'https://s.example.org/sluice'}",
      "server: {public_url: s.example.org}",
      "server: {trusted_proxies: [everybody]}",
      "server: {trusted_proxies: [0.0.0.0/0]}",
      "server: {tls: {certificate: a.pem, key: a.key}}",
      "server: {tls: {certificate: a.pem}}",
      "server: {login: maybe}",
      "server: {limits: {connections: 10, connections_per_client: 5, requests_per_second: 5, burst: 10, body_bytes: 2MB}}",
      "server: {limits: {connections: 0}}",
      "server: {limits: {body_bytes: 0}}",
      "server: {limits: {burst: 1000001}}",
      "server: {port: 80}",
      "server: {login: tokens, access: [{who: 'token:ci', role: admin, connections: all, workflows: all}]}",
      "server: {login: tokens, access: []}",
      "server: {access: [{who: 'tokn:ci', role: admin, connections: all, workflows: all}]}",
      "server: {access: [{who: ada, role: admin, connections: all, workflows: all}]}",
      "server: {access: [{who: 'token:CI', role: admin, connections: all, workflows: all}]}",
      "server: {access: [{who: 'group:data', role: root, connections: all, workflows: all}]}",
      "server: {access: [{who: 'group:data', role: viewer, connections: [], workflows: all}]}",
      "server: {access: [{who: 'group:data', role: viewer, connections: all}]}",
      "server: {access: [{who: 'group:data', role: viewer, connections: some, workflows: all}]}",
      "chat:\n",
      "chat: {}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01}}",
      "chat: {events: [approvals, results, failures], sample_rows: 10, slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01, people: "
      "email, api_url: 'https://slack.example.org/api'}}",
      "chat: {events: []}",
      "chat: {events: [approval]}",
      "chat: {events: [results, results]}",
      "chat: {sample_rows: 11}",
      "chat: {sample_rows: -1}",
      "chat: {teams: {}}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}'}}",
      "chat: {slack: {bot_token: xoxb-1, signing_secret: '${S}', channel: C01}}",
      "chat: {slack: {bot_token: '${T:-xoxb-1}', signing_secret: '${S}', channel: C01}}",
      "chat: {slack: {bot_token: 'secret://file/token', signing_secret: 'secret://env/S', channel: G01}}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: '#data'}}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01, api_url: 'http://slack.example.org/api'}}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01, api_url: 'http://127.0.0.1:80/api'}}",
      "chat: {slack: {bot_token: '${T}', signing_secret: '${S}', channel: C01, people: name}}",
      "chat: {google_chat: {webhook: '${W}'}}",
      "chat: {google_chat: {audience: '123'}}",
      "chat: {google_chat: {audience: 123}}",
      "chat: {google_chat: {audience: sluice}}",
      "chat: {google_chat: {people: id}}",
      "chat: {google_chat: {webhook: 'https://chat.googleapis.com/v1/spaces/S/messages?key=k'}}",
      "chat: {google_chat: {webhook: '${W}', keys_url: 'http://keys.example.org'}}",
      "server: {access: [{who: 'slack:T01/U01', role: approver, connections: all, workflows: all}, {who: 'google:123', role: viewer, connections: "
      "all, workflows: all}]}",
      "server: {access: [{who: 'slack:U01', role: approver, connections: all, workflows: all}]}",
      "server: {access: [{who: 'slack:t01/u01', role: approver, connections: all, workflows: all}]}",
      "server: {access: [{who: 'google:ada', role: approver, connections: all, workflows: all}]}",
  };
  for (const char* page : {"docs/models.md", "docs/access.md", "docs/chat.md", "src/config/README.md"})
    for (std::string& block : yaml_blocks(page)) texts.push_back(std::move(block));
  for (const std::string& text : texts) {
    auto tree = parse_yaml(text, "x");
    ASSERT_TRUE(tree);
    const auto instance = as_json(*tree);
    valijson::Validator validator;
    const bool valid = validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(instance), nullptr);
    auto read = parse(text);
    // dbt's file is not there in this test: the schema does not look at it.
    EXPECT_EQ(valid, static_cast<bool>(read) || read.error().code == "E0720") << text << (read ? "" : read.error().message);
  }
}

}  // namespace
}  // namespace sluice
