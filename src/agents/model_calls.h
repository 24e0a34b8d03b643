#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agents/ports/ledger.h"
#include "agents/ports/model.h"
#include "base/codec.h"

namespace sluice {

/// One step's question to a model: the same request, drawn several times.
struct ModelCalls {
  std::string model{};    ///< in sluice.yaml
  std::string request{};  ///< the artifact of the ModelRequest
  std::int64_t samples = 1;
  Budget run_budget{}, day_budget{};
  bool fresh = false;  ///< no reply of another run will do

  static constexpr auto fields() {
    return std::tuple{Field{"model", &ModelCalls::model},           Field{"request", &ModelCalls::request},
                      Field{"samples", &ModelCalls::samples},       Field{"run_budget", &ModelCalls::run_budget},
                      Field{"day_budget", &ModelCalls::day_budget}, Field{"fresh", &ModelCalls::fresh}};
  }
};

/// The calls of an agent that is done, and whether other runs may have the replies.
struct EndedCalls {
  std::vector<ModelCalls> calls{};
  bool shared = false;

  static constexpr auto fields() { return std::tuple{Field{"calls", &EndedCalls::calls}, Field{"shared", &EndedCalls::shared}}; }
};

/// One draw, as the journal keeps it: a reply or why there is none, what it took, and what happened on the way.
struct ModelCalled {
  std::string key{};       ///< call_key of its recording
  std::string model{};     ///< in sluice.yaml, of the one that answered
  std::string provider{};  ///< "anthropic/claude-sonnet-4-5"
  ModelReply reply{};
  std::optional<Error> error{};
  std::optional<double> usd{};  ///< unset: the price is not known
  std::int64_t latency_ms = 0;
  bool cached = false;               ///< the reply was there already: nothing was sent, nothing paid
  std::vector<std::string> notes{};  ///< attempts that failed, models that were passed over

  static constexpr auto fields() {
    return std::tuple{Field{"key", &ModelCalled::key},
                      Field{"model", &ModelCalled::model},
                      Field{"provider", &ModelCalled::provider},
                      Field{"reply", &ModelCalled::reply},
                      Field{"error", &ModelCalled::error},
                      Field{"usd", &ModelCalled::usd},
                      Field{"latency_ms", &ModelCalled::latency_ms},
                      Field{"cached", &ModelCalled::cached},
                      Field{"notes", &ModelCalled::notes}};
  }
};

struct ModelOutcome {
  std::string request{};  ///< the artifact of what was asked
  std::vector<ModelCalled> calls{};

  /// The first draw's error where no draw gave a reply.
  std::optional<Error> failure() const;

  static constexpr auto fields() { return std::tuple{Field{"request", &ModelOutcome::request}, Field{"calls", &ModelOutcome::calls}}; }
};

}  // namespace sluice
