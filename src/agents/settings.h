#pragma once
#include <string>

#include "agents/ports/ledger.h"
#include "base/codec.h"

namespace sluice {

/// What decides how an agent works in one run, recorded when the run begins. Default: no model, so that nothing is asked of one.
struct AgentSettings {
  std::string model{};                   ///< in sluice.yaml; "": none
  bool fast_path = true;                 ///< the built-in planner is asked first, and the model where it has no answer that holds
  std::int64_t candidates = 3;           ///< drafts drawn in each round
  std::int64_t rounds = 3;               ///< of propose, prove, feed back
  std::int64_t context_tokens = 12'000;  ///< of catalog text in a prompt
  bool stand_in = true;                  ///< the planner answers where the model cannot be reached or paid; false where the model itself is measured
  bool catalog = true;                   ///< false: the control of `sluice eval`, which sees no catalog and hears of no failed check
  bool fresh = false;                    ///< replies of other runs are not used again
  Budget run_budget{}, day_budget{};
  std::string prompts{};  ///< the artifact of the project's own prompt files; "": those that are built in

  bool has_model() const { return !model.empty(); }
  bool operator==(const AgentSettings&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"model", &AgentSettings::model},
                      Field{"fast_path", &AgentSettings::fast_path},
                      Field{"candidates", &AgentSettings::candidates},
                      Field{"rounds", &AgentSettings::rounds},
                      Field{"context_tokens", &AgentSettings::context_tokens},
                      Field{"stand_in", &AgentSettings::stand_in},
                      Field{"catalog", &AgentSettings::catalog},
                      Field{"fresh", &AgentSettings::fresh},
                      Field{"run_budget", &AgentSettings::run_budget},
                      Field{"day_budget", &AgentSettings::day_budget},
                      Field{"prompts", &AgentSettings::prompts}};
  }
};

}  // namespace sluice
