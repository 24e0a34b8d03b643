#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agents/ports/ledger.h"
#include "agents/ports/model.h"
#include "base/call.h"
#include "workflow/ports/clock.h"

namespace sluice {

/// Which step of which run asks: for the ledger.
struct CallOrigin {
  std::string run{}, workflow{}, path{};
};

/// Who asks, and what may be spent on it.
struct PayTerms {
  CallOrigin origin{};
  Budget run_budget{}, day_budget{};
};

/// What came of a request.
struct PaidReply {
  Result<ModelReply> reply;
  const ModelInfo* model = nullptr;  ///< that answered, or was the last to be asked
  std::optional<double> usd{};       ///< what the reply cost; unset: the price is not known
  std::int64_t latency_ms = 0;       ///< with all attempts
  std::vector<std::string> notes{};  ///< attempts that failed, models that were passed over, costs that could not be written down
};

/// Asks a model within budgets. Whatever may be charged for, the first attempt, one more, the next model of a chain, is reserved in the ledger at the
/// most that it can cost before it is sent, and is not sent where no budget allows it. One thread.
class PaidCalls {
 public:
  struct Ports {
    Model& model;
    Ledger& ledger;
    Clock& clock;
  };
  PaidCalls(Ports ports, PayTerms terms) : ports_(ports), terms_(std::move(terms)) {}

  /// All at once; in the requests' order. `keep` is told of each reply as soon as it is there, before what it cost is written down: a process that
  /// dies in between has the reply, and counts too much rather than too little. `events` are told as the model tells; their on_reply is not used.
  /// A refusal is the request's reply: model_error, E1020 (budget), E1021 (a budget in money, and no price). An Error is the ledger's.
  Result<std::vector<PaidReply>> answer(std::span<const ModelRequest> requests, const std::function<void(std::size_t, PaidReply&)>& keep,
                                        const ModelEvents& events, const Call& call);

 private:
  struct Draw;
  class Batch;
  Ports ports_;
  PayTerms terms_;
};

}  // namespace sluice
