#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "config/environment.h"
#include "config/secret_text.h"

namespace sluice {

struct Config;
struct ConfigSource;
struct YamlNode;

/// Whose protocol a model is spoken to in. Many servers speak OpenAI's: Azure, Ollama, vLLM, llama.cpp, LiteLLM.
enum class ModelProvider : std::uint8_t { anthropic, gemini, openai };
template <>
struct EnumNames<ModelProvider> {
  static constexpr std::array<std::pair<ModelProvider, std::string_view>, 3> names{
      {{ModelProvider::anthropic, "anthropic"}, {ModelProvider::gemini, "gemini"}, {ModelProvider::openai, "openai"}}};
};

/// How a model is brought to reply in JSON.
enum class StructuredReplies : std::uint8_t {
  automatic,  ///< by the best way that the server turns out to know
  schema,     ///< the provider's own structured output
  tool,       ///< a call of one tool that it has to make
  json,       ///< JSON mode, the schema in the prompt
  none,       ///< the schema in the prompt, nothing else
};
template <>
struct EnumNames<StructuredReplies> {
  static constexpr std::array<std::pair<StructuredReplies, std::string_view>, 5> names{{{StructuredReplies::automatic, "automatic"},
                                                                                        {StructuredReplies::schema, "schema"},
                                                                                        {StructuredReplies::tool, "tool"},
                                                                                        {StructuredReplies::json, "json"},
                                                                                        {StructuredReplies::none, "none"}}};
};

/// US dollars for a million tokens.
struct PriceConfig {
  double input = 0, output = 0;
  double cached = 0, cache_written = 0;  ///< where the file does not say: as much as `input`, Anthropic's writing 1.25 times

  bool operator==(const PriceConfig&) const = default;
};

/// The names of failures that `on` may hold: those of the port that models are called through.
inline constexpr std::array<std::string_view, 10> kModelFailures{"overloaded", "timeout", "unreachable", "unauthorized", "not_found",
                                                                 "rejected",   "refused", "too_long",    "quota",        "garbled"};

/// One entry under `models:`. Either one model of a provider, or (`first_of`) a chain of such entries.
struct ModelConfig {
  std::string name{};
  ModelProvider provider = ModelProvider::anthropic;
  std::string model{};                           ///< as the provider calls it
  SecretText base_url{};                         ///< empty: the provider's own
  SecretText api_key{};                          ///< empty: none is sent
  SecretText proxy{};                            ///< empty: what the environment says
  std::string api_key_header{};                  ///< openai: the header that the key stands in by itself ("api-key"); empty: as a bearer token
  std::string ca_file{};                         ///< authorities to trust, absolute; empty: those of the system
  std::optional<double> temperature{};           ///< unset: kTemperature
  std::optional<std::int64_t> max_tokens{};      ///< of a reply; unset: kMaxTokens
  std::optional<std::int64_t> context_tokens{};  ///< that prompt and reply may have together; unset: nobody said
  std::int64_t timeout_seconds = 120;            ///< one attempt
  bool allow_private = false;                    ///< the host's name may mean a private address
  bool stream = true;
  StructuredReplies structured = StructuredReplies::automatic;
  std::optional<PriceConfig> price{};   ///< unset: the provider's list price, where Sluice knows it
  std::vector<std::string> first_of{};  ///< names of plain models, the first to be asked first
  std::vector<std::string> on{};        ///< chains: the failures after which the next one is asked

  bool is_chain() const { return !first_of.empty(); }
  bool operator==(const ModelConfig&) const = default;

  static constexpr double kTemperature = 0.2;
  static constexpr std::int64_t kMaxTokens = 4096;
};

/// The URL that requests begin with: `base_url` with its references looked up, else the provider's own. E0711, E0712.
Result<std::string> revealed_base_url(const ModelConfig& model, const Environment& environment = process_environment());
/// Where the model is, for people: without a user, a password or a query. References are shown by name.
std::string shown_endpoint(const ModelConfig& model);

/// One entry under `agents:`.
struct AgentConfig {
  std::string name{};
  std::string model{};                   ///< an entry of `models:`; "": the agent works without a model
  bool fast_path = true;                 ///< the built-in planner is asked first
  std::int64_t candidates = 3;           ///< drafts of a proposal at once
  std::int64_t rounds = 3;               ///< proposals until a proof holds
  std::int64_t context_tokens = 12'000;  ///< of the catalog in a prompt

  bool operator==(const AgentConfig&) const = default;
};
struct AgentsConfig {
  AgentConfig ask{.name = "ask"};

  /// All of them.
  std::vector<const AgentConfig*> all() const { return {&ask}; }
  bool operator==(const AgentsConfig&) const = default;
};

/// What may be spent. Unset: no limit.
struct BudgetConfig {
  std::optional<double> usd{};
  std::optional<std::int64_t> tokens{}, calls{}, seconds{};

  bool operator==(const BudgetConfig&) const = default;
};
struct BudgetsConfig {
  BudgetConfig run{}, day{};

  bool operator==(const BudgetsConfig&) const = default;
};

/// Reads `models:`, `agents:` and `budgets:` of sluice.yaml and applies SLUICE_MODEL. Errors as of load_config; E0750 for a name that is no model's,
/// E0751 for a chain that cannot be.
Result<> read_models(const ConfigSource& source, const YamlNode& root, Config& config);

}  // namespace sluice
