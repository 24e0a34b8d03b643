#pragma once
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agents/paid_calls.h"
#include "config/config.h"
#include "workflow/ports/clock.h"

namespace sluice {

/// Whether the key that a model is called with is there.
enum class KeyState : std::uint8_t { not_needed, set, not_set, written_out };
template <>
struct EnumNames<KeyState> {
  static constexpr std::array<std::pair<KeyState, std::string_view>, 4> names{{{KeyState::not_needed, "not needed"},
                                                                               {KeyState::set, "set"},
                                                                               {KeyState::not_set, "not set"},
                                                                               {KeyState::written_out, "written out in sluice.yaml"}}};
};

/// A configured model as people see it: nothing in it is secret.
struct ModelView {
  ModelInfo info{};  ///< of a chain only the name says something
  StructuredReplies structured = StructuredReplies::automatic;
  KeyState key = KeyState::not_needed;
  std::string key_from{};                     ///< "${ANTHROPIC_API_KEY}"
  std::vector<std::string> first_of{}, on{};  ///< chains
  std::vector<std::string> agents{};          ///< that ask it, be it in a chain
  std::optional<Error> problem{};             ///< why it could not be called, as far as it shows without calling it
  bool password_written_out = false;          ///< in base_url or proxy

  bool is_chain() const { return !first_of.empty(); }
};

/// What came of asking a model a small thing.
struct ModelTest {
  ModelReply reply{};
  ModelInfo answered{};  ///< the model that gave it; in a chain one of those
  std::int64_t latency_ms = 0;
  std::optional<double> usd{};  ///< unset: its price is not known
};

/// What is known of a configured model before it is opened, with the price where sluice.yaml says one.
ModelInfo model_info(const ModelConfig& config);

/// The configured models, opened on first use and kept. Any thread. Opening and viewing touch no network.
class Models {
 public:
  using Open = std::function<Result<std::unique_ptr<Model>>(const ModelConfig&)>;
  /// `config` outlives it. `open` makes a plain model; chains are made here.
  Models(const Config& config, Open open, Environment environment = process_environment());

  /// The model or the chain of that name; it lives as long as this does. E0750, and what opening says.
  Result<Model*> open(const std::string& name);
  /// E0750 with "did you mean".
  Result<const ModelConfig*> find(const std::string& name) const;
  /// All, in the file's order.
  std::vector<ModelView> views();
  /// Asks for a reply in JSON and looks whether it is what was asked for: E0752; else what the model says. E0750. It is paid for as any call is.
  Result<ModelTest> test(const std::string& name, Ledger& ledger, const Budget& day_budget, Clock& clock, const std::stop_token& stop,
                         const ModelEvents& events);

 private:
  Result<Model*> open_locked(const ModelConfig& config);
  Result<std::unique_ptr<Model>> make_locked(const ModelConfig& config);
  ModelView view(const ModelConfig& config);

  const Config& config_;
  Open open_;
  Environment environment_;
  std::mutex mutex_{};
  std::map<std::string, std::unique_ptr<Model>> opened_{};
};

}  // namespace sluice
