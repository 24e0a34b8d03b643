#include "config/model_config.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>
#include <tuple>

#include "base/text.h"
#include "config/config.h"
#include "config/yaml_reading.h"

namespace sluice {
namespace {

constexpr std::size_t kModelsMax = 100, kNameMax = 63;
constexpr std::size_t kChainMin = 2, kChainMax = 8;
constexpr double kTemperatureMax = 2;
constexpr std::int64_t kMaxTokensMax = 200'000, kContextTokensMax = 10'000'000, kTimeoutSecondsMax = 3600;
constexpr std::int64_t kCandidatesMax = 10, kRoundsMax = 10;
constexpr std::int64_t kAgentTokensMin = 500, kAgentTokensMax = 1'000'000;
constexpr double kDollarsMax = 1e6;
/// What Anthropic takes for a token that it puts into its cache, beside one of the prompt (its pricing page, five-minute cache).
constexpr double kAnthropicCacheWrite = 1.25;
constexpr std::string_view kNone = "none";
constexpr std::string_view kDefault = "default";

template <class E>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  names.reserve(EnumNames<E>::names.size());
  for (const auto& [value, name] : EnumNames<E>::names) names.emplace_back(name);
  return names;
}

/// What a message calls the entry.
std::string title(const std::string& name) { return "model \"" + show_hidden(name.substr(0, kNameMax), false) + "\""; }

bool is_name(std::string_view name) {
  const auto inside = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kNameMax && std::isalnum(static_cast<unsigned char>(name.front())) != 0 && std::ranges::all_of(name, inside);
}

template <class E>
Result<E> choice_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(const std::string text, text_at(source, node, key));
  const auto known = decode<E>(Json(text));
  const std::vector<std::string> names = names_of<E>();
  if (!known) return at_line(source, node, "E0703", key + " is none that Sluice knows" + did_you_mean(text, names), "one of " + join(names, ", "));
  return *known;
}

/// A whole number in a range; a word after it ("4k") is no number.
Result<std::int64_t> count_at(const ConfigSource& source, const YamlNode& node, const std::string& key, std::int64_t least, std::int64_t most) {
  TRY(const std::int64_t value, amount_at(source, node, key, whole_number, false));
  if (value >= least && value <= most) return value;
  return wrong_type(source, node, key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

std::string bound_text(double bound) {
  const std::string text = number_text(bound);
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

Result<double> decimal_at(const ConfigSource& source, const YamlNode& node, const std::string& key, double least, double most) {
  TRY(const std::string text, text_at(source, node, key));
  const auto value = parse_decimal(text);
  if (!value) return at_line(source, node, value.error().code.c_str(), key + " is " + value.error().message, value.error().hint);
  if (*value >= least && *value <= most) return *value;
  return wrong_type(source, node, key, "a number from " + bound_text(least) + " to " + bound_text(most));
}

/// More than 0: a budget of nothing would only be a way to say that models are not to be used.
Result<double> dollars_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(const double value, decimal_at(source, node, key, 0, kDollarsMax));
  if (value == 0) return at_line(source, node, "E0703", key + " can't be 0", "leave it out for no limit");
  return value;
}

Result<SecretText> key_at(const ConfigSource& source, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) return wrong_type(source, node, "api_key", "a text");
  auto parsed = SecretText::parse(node.text, source.folder);
  if (!parsed) return at_line(source, node, parsed.error().code.c_str(), "api_key: " + parsed.error().message, parsed.error().hint);
  return parsed;
}

/// A URL of HTTP; what a reference stands for is known only when it is looked up.
Result<SecretText> url_at(const ConfigSource& source, const YamlNode& node, const std::string& key) {
  TRY(SecretText url, secret_at(source, node, key));
  const std::string text = url.written();
  if (text.starts_with("http://") || text.starts_with("https://") || text.starts_with("${") || text.starts_with("secret://")) return url;
  return wrong_type(source, node, key, "a URL that begins with http:// or https://");
}

/// The host of a URL, in lower case; "" where a reference stands there.
std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "";
  std::string rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string::npos) rest.erase(0, at + 1);
  if (rest.find("${") != std::string::npos) return "";
  if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
  return to_lower(rest.substr(0, rest.find(':')));
}

/// Whether the host may be a server of one's own, which often wants no key: an address, a name without a dot or with an ending that no public
/// name has, or one that is not known yet.
bool may_be_own_server(const SecretText& base_url) {
  const std::string host = host_of(base_url.written());
  if (host.find('.') == std::string::npos) return true;  // "", "localhost", "ollama", "[::1]"
  const bool address = host.find_first_not_of("0123456789.") == std::string::npos;
  return address || std::ranges::any_of(std::array{".local", ".localhost", ".internal", ".lan", ".home.arpa"},
                                        [&](const char* ending) { return host.ends_with(ending); });
}

std::string key_variable(ModelProvider provider) {
  switch (provider) {
    case ModelProvider::anthropic: return "ANTHROPIC_API_KEY";
    case ModelProvider::gemini: return "GEMINI_API_KEY";
    case ModelProvider::openai: return "OPENAI_API_KEY";
  }
  return "API_KEY";
}

/// `api_key: none` says that the server wants no key; leaving the key out says so only where that is likely.
Result<> read_key(const ConfigSource& source, const YamlNode& node, ModelConfig& out) {
  const YamlNode* key = node.find("api_key");
  if (key != nullptr && key->kind == YamlNode::Kind::scalar && key->text == kNone) {
    if (!out.base_url.empty()) return {};
    return at_line(source, *key, "E0704", title(out.name) + " is reached at its provider, which wants a key, and has `api_key: none`",
                   "write `api_key: ${" + key_variable(out.provider) + "}`, or the `base_url:` of a server that wants none");
  }
  if (key != nullptr) {
    TRY(out.api_key, key_at(source, *key));
  }
  const bool none_needed = out.provider == ModelProvider::openai && !out.base_url.empty() && may_be_own_server(out.base_url);
  if (!out.api_key.empty() || none_needed) return {};
  return at_line(source, node, "E0704", title(out.name) + " is of provider " + std::string(enum_name(out.provider)) + " and lacks \"api_key\"",
                 "add `api_key: ${" + key_variable(out.provider) + "}` and set the variable" +
                     (out.base_url.empty() ? "" : "; where the server wants no key: `api_key: none`"));
}

Result<> read_price(const ConfigSource& source, const YamlNode& node, ModelConfig& out) {
  TRY_VOID(known_keys(source, node, "price", {"input", "output", "cached", "cache_written"}));
  PriceConfig price;
  for (const char* key : {"input", "output"})
    if (node.find(key) == nullptr)
      return at_line(source, node, "E0704", "the price of " + title(out.name) + " lacks \"" + key + "\"",
                     std::string("add `") + key + ": …`, US dollars for a million tokens");
  TRY(price.input, decimal_at(source, *node.find("input"), "input", 0, kDollarsMax));
  TRY(price.output, decimal_at(source, *node.find("output"), "output", 0, kDollarsMax));
  price.cached = price.input;
  price.cache_written = price.input * (out.provider == ModelProvider::anthropic ? kAnthropicCacheWrite : 1);
  for (const auto& [key, member] : {std::pair{"cached", &PriceConfig::cached}, std::pair{"cache_written", &PriceConfig::cache_written}})
    if (const YamlNode* value = node.find(key)) {
      TRY(price.*member, decimal_at(source, *value, key, 0, kDollarsMax));
    }
  out.price = price;
  return {};
}

/// How the server is reached.
Result<> read_route(const ConfigSource& source, const YamlNode& node, ModelConfig& out) {
  for (const auto& [key, member] : {std::pair{"base_url", &ModelConfig::base_url}, std::pair{"proxy", &ModelConfig::proxy}})
    if (const YamlNode* value = node.find(key)) {
      TRY(out.*member, url_at(source, *value, key));
    }
  if (const YamlNode* value = node.find("ca_file")) {
    TRY(const std::string file, text_at(source, *value, "ca_file"));
    out.ca_file = absolute(source, file);
  }
  if (const YamlNode* value = node.find("api_key_header")) {
    TRY(out.api_key_header, text_at(source, *value, "api_key_header"));
    const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
    if (out.api_key_header.empty() || out.api_key_header.size() > kNameMax || !std::ranges::all_of(out.api_key_header, fits))
      return wrong_type(source, *value, "api_key_header", "the name of an HTTP header, for example api-key");
  }
  if (const YamlNode* value = node.find("timeout")) {
    TRY(out.timeout_seconds, amount_at(source, *value, "timeout", seconds_with_unit, true));
    if (out.timeout_seconds > kTimeoutSecondsMax) return wrong_type(source, *value, "timeout", "at most an hour");
  }
  for (const auto& [key, member] : {std::pair{"allow_private", &ModelConfig::allow_private}, std::pair{"stream", &ModelConfig::stream}})
    if (const YamlNode* value = node.find(key)) {
      TRY(out.*member, flag_at(source, *value, key));
    }
  return {};
}

/// How it is asked.
Result<> read_manner(const ConfigSource& source, const YamlNode& node, ModelConfig& out) {
  if (const YamlNode* value = node.find("temperature")) {
    TRY(out.temperature, decimal_at(source, *value, "temperature", 0, kTemperatureMax));
  }
  if (const YamlNode* value = node.find("max_tokens")) {
    TRY(out.max_tokens, count_at(source, *value, "max_tokens", 1, kMaxTokensMax));
  }
  if (const YamlNode* value = node.find("context_tokens")) {
    TRY(out.context_tokens, count_at(source, *value, "context_tokens", 1, kContextTokensMax));
    if (*out.context_tokens <= out.max_tokens.value_or(ModelConfig::kMaxTokens))
      return wrong_type(source, *value, "context_tokens", "more than max_tokens, which the reply alone may have");
  }
  if (const YamlNode* value = node.find("structured")) {
    TRY(out.structured, choice_at<StructuredReplies>(source, *value, "structured"));
  }
  if (const YamlNode* value = node.find("price")) TRY_VOID(read_price(source, *value, out));
  return {};
}

Result<std::vector<std::string>> names_at(const ConfigSource& source, const YamlNode& node, const std::string& key, std::size_t least,
                                          std::size_t most) {
  if (node.kind != YamlNode::Kind::list || node.items.size() < least || node.items.size() > most)
    return wrong_type(source, node, key, "a list of " + std::to_string(least) + " to " + std::to_string(most) + " names");
  std::vector<std::string> names;
  for (const YamlNode& item : node.items) {
    TRY(std::string name, text_at(source, item, key));
    if (std::ranges::find(names, name) != names.end())
      return at_line(source, item, "E0751", key + " names \"" + show_hidden(name.substr(0, kNameMax), false) + "\" twice", "keep one of the two");
    names.push_back(std::move(name));
  }
  return names;
}

/// What it names is looked up when all models are read.
Result<> read_chain(const ConfigSource& source, const YamlNode& node, ModelConfig& out) {
  TRY_VOID(known_keys(source, node, title(out.name) + ", a chain (first_of)", {"first_of", "on"}));
  TRY(out.first_of, names_at(source, *node.find("first_of"), "first_of", kChainMin, kChainMax));
  out.on = {"overloaded", "timeout", "unreachable"};
  const YamlNode* on = node.find("on");
  if (on == nullptr) return {};
  TRY(out.on, names_at(source, *on, "on", 1, kModelFailures.size()));
  const std::vector<std::string> known(kModelFailures.begin(), kModelFailures.end());
  for (std::size_t i = 0; i < out.on.size(); ++i)
    if (std::ranges::find(known, out.on[i]) == known.end())
      return at_line(source, on->items[i], "E0703",
                     "on: \"" + show_hidden(out.on[i].substr(0, kNameMax), false) + "\" is no failure of a model" + did_you_mean(out.on[i], known),
                     "the failures are " + join(known, ", "));
  return {};
}

Result<ModelConfig> read_model(const ConfigSource& source, const std::string& name, const YamlNode& node) {
  ModelConfig out;
  out.name = name;
  if (!is_name(name) || name == kNone)
    return at_line(source, node, "E0703", "\"" + show_hidden(name.substr(0, kNameMax), false) + "\" can't be the name of a model",
                   "use letters, digits, _ - and . (\"none\" means no model)");
  if (node.kind != YamlNode::Kind::map) return wrong_type(source, node, title(name), "a map with `provider` and `model`, or with `first_of`");
  if (node.find("first_of") != nullptr) {
    TRY_VOID(read_chain(source, node, out));
    return out;
  }
  std::vector<std::string> keys{"provider", "model",      "base_url", "api_key", "temperature", "max_tokens", "context_tokens",
                                "timeout",  "structured", "stream",   "price",   "proxy",       "ca_file",    "allow_private"};
  const YamlNode* provider = node.find("provider");
  if (provider != nullptr) {
    TRY(out.provider, choice_at<ModelProvider>(source, *provider, "the provider of " + title(name)));
    if (out.provider == ModelProvider::openai) keys.emplace_back("api_key_header");
  } else {
    keys.emplace_back("first_of");
  }
  TRY_VOID(known_keys(source, node, title(name), keys));
  for (const auto& [key, example] : {std::pair{"provider", "provider: " + join(names_of<ModelProvider>(), ", ")},
                                     std::pair{"model", std::string("model: …` with the provider's name of it, for example `claude-sonnet-4-5")}})
    if (node.find(key) == nullptr) return at_line(source, node, "E0704", title(name) + " lacks \"" + key + "\"", "add `" + example + "`");
  TRY(out.model, text_at(source, *node.find("model"), "model"));
  if (out.model.empty()) return wrong_type(source, *node.find("model"), "model", "the provider's name of a model");
  TRY_VOID(read_route(source, node, out));
  TRY_VOID(read_key(source, node, out));
  TRY_VOID(read_manner(source, node, out));
  return out;
}

std::vector<std::string> model_names(const Config& config) {
  std::vector<std::string> names;
  names.reserve(config.models.size());
  for (const ModelConfig& model : config.models) names.push_back(model.name);
  return names;
}

std::string known_models(const std::vector<std::string>& names) {
  return names.empty() ? "there is no `models:` in sluice.yaml; docs/models.md shows how to add one" : "the models are " + join(names, ", ");
}

/// That chains name plain models: a chain within a chain could go round, and would hide which model is asked when.
Result<> check_chains(const ConfigSource& source, const YamlNode& models, const Config& config) {
  const std::vector<std::string> names = model_names(config);
  for (const ModelConfig& chain : config.models)
    for (std::size_t i = 0; i < chain.first_of.size(); ++i) {
      const std::string& name = chain.first_of[i];
      const YamlNode& node = models.find(chain.name)->find("first_of")->items[i];
      const auto found = std::ranges::find(config.models, name, &ModelConfig::name);
      if (found == config.models.end())
        return at_line(source, node, "E0750",
                       "first_of of " + title(chain.name) + " names \"" + show_hidden(name.substr(0, kNameMax), false) + "\", which is no model" +
                           did_you_mean(name, names),
                       known_models(names));
      if (found->is_chain())
        return at_line(source, node, "E0751",
                       "first_of of " + title(chain.name) + (name == chain.name ? " names itself" : " names \"" + name + "\", which is a chain too"),
                       "name models that have a provider; a chain has no chain in it");
    }
  return {};
}

Result<> read_agent(const ConfigSource& source, const YamlNode& node, const std::vector<std::string>& models, AgentConfig& out) {
  const std::string where = "agents." + out.name;
  TRY_VOID(known_keys(source, node, where, {"model", "fast_path", "candidates", "rounds", "context_tokens"}));
  if (const YamlNode* value = node.find("model")) {
    TRY(const std::string name, text_at(source, *value, "model"));
    out.model = name == kNone ? "" : name;
    if (name != kNone && std::ranges::find(models, name) == models.end())
      return at_line(source, *value, "E0750",
                     where + " names \"" + show_hidden(name.substr(0, kNameMax), false) + "\", which is no model" + did_you_mean(name, models),
                     known_models(models));
  }
  if (const YamlNode* value = node.find("fast_path")) {
    TRY(const std::string text, text_at(source, *value, "fast_path"));
    if (text != "built-in" && text != kNone) return wrong_type(source, *value, "fast_path", "built-in or none");
    out.fast_path = text != kNone;
  }
  struct Number {
    const char* key;
    std::int64_t AgentConfig::* member;
    std::int64_t least, most;
  };
  for (const Number& number :
       {Number{"candidates", &AgentConfig::candidates, 1, kCandidatesMax}, Number{"rounds", &AgentConfig::rounds, 1, kRoundsMax},
        Number{"context_tokens", &AgentConfig::context_tokens, kAgentTokensMin, kAgentTokensMax}})
    if (const YamlNode* value = node.find(number.key)) {
      TRY(out.*number.member, count_at(source, *value, number.key, number.least, number.most));
    }
  return {};
}

Result<> read_budget(const ConfigSource& source, const YamlNode& node, const std::string& where, BudgetConfig& out) {
  TRY_VOID(known_keys(source, node, where, {"usd", "tokens", "calls", "seconds"}));
  if (const YamlNode* value = node.find("usd")) {
    TRY(out.usd, dollars_at(source, *value, where + ".usd"));
  }
  for (const auto& [key, member, parse] : {std::tuple{"tokens", &BudgetConfig::tokens, &whole_number},
                                           {"calls", &BudgetConfig::calls, &whole_number},
                                           {"seconds", &BudgetConfig::seconds, &parse_seconds}})
    if (const YamlNode* value = node.find(key)) {
      TRY(out.*member, amount_at(source, *value, where + "." + key, parse, true));
    }
  return {};
}

const YamlNode* section(const YamlNode& node, const char* key) {
  const YamlNode* found = node.find(key);
  return found == nullptr || found->kind == YamlNode::Kind::null ? nullptr : found;
}

Result<> apply_variable(const ConfigSource& source, const std::vector<std::string>& models, AgentConfig& agent) {
  const auto chosen = source.environment("SLUICE_MODEL");
  if (!chosen || chosen->empty()) return {};
  agent.model = *chosen == kNone ? "" : *chosen;
  if (*chosen == kNone || std::ranges::find(models, *chosen) != models.end()) return {};
  return Error{ErrorKind::input, "E0750",
               "the variable SLUICE_MODEL names \"" + show_hidden(chosen->substr(0, kNameMax), false) + "\", which is no model" +
                   did_you_mean(*chosen, models),
               known_models(models)};
}

}  // namespace

Result<std::string> revealed_base_url(const ModelConfig& model, const Environment& environment) {
  if (!model.base_url.empty()) return model.base_url.reveal(environment);
  switch (model.provider) {
    case ModelProvider::anthropic: return "https://api.anthropic.com";
    case ModelProvider::gemini: return "https://generativelanguage.googleapis.com";
    case ModelProvider::openai: return "https://api.openai.com/v1";
  }
  return Error::bug("a model of unknown provider");
}

std::string shown_endpoint(const ModelConfig& model) {
  if (model.is_chain()) return "";
  if (model.base_url.empty()) return *revealed_base_url(model);
  std::string url = model.base_url.masked();
  // A query may hold a key, and a user may be one: neither is needed to know the place.
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t host = scheme + 3, at = url.substr(0, url.find('/', host)).rfind('@');
  if (at != std::string::npos) url.replace(host, at - host, "***");
  return url;
}

Result<> read_models(const ConfigSource& source, const YamlNode& root, Config& config) {
  if (const YamlNode* models = section(root, "models")) {
    if (models->kind != YamlNode::Kind::map || models->members.size() > kModelsMax)
      return wrong_type(source, *models, "models", "a map from names to at most " + std::to_string(kModelsMax) + " models");
    for (const auto& [name, node] : models->members) {
      TRY(ModelConfig model, read_model(source, name, node));
      config.models.push_back(std::move(model));
    }
    TRY_VOID(check_chains(source, *models, config));
  }
  const std::vector<std::string> names = model_names(config);
  // As with connections: the only one is the one that is meant.
  if (names.size() == 1) config.agents.ask.model = names.front();
  if (std::ranges::find(names, kDefault) != names.end()) config.agents.ask.model = kDefault;
  if (const YamlNode* agents = section(root, "agents")) {
    TRY_VOID(known_keys(source, *agents, "agents", {"ask"}));
    if (const YamlNode* ask = section(*agents, "ask")) TRY_VOID(read_agent(source, *ask, names, config.agents.ask));
  }
  TRY_VOID(apply_variable(source, names, config.agents.ask));
  const YamlNode* budgets = section(root, "budgets");
  if (budgets == nullptr) return {};
  TRY_VOID(known_keys(source, *budgets, "budgets", {"run", "day"}));
  for (const auto& [key, member] : {std::pair{"run", &BudgetsConfig::run}, std::pair{"day", &BudgetsConfig::day}})
    if (const YamlNode* budget = section(*budgets, key))
      TRY_VOID(read_budget(source, *budget, std::string("budgets.") + key, config.budgets.*member));
  return {};
}

}  // namespace sluice
