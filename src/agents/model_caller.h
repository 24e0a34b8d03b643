#pragma once
#include <functional>
#include <string>

#include "agents/model_calls.h"
#include "agents/paid_calls.h"
#include "agents/ports/reply_store.h"
#include "base/call.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/clock.h"

namespace sluice {

/// A step's way to a model: looks whether the reply is there already, pays for what is not (see PaidCalls), and keeps each reply for its run the
/// moment it arrives. So a reply that came in is never paid for twice, also where the process dies before its step is recorded. Any thread; what the
/// ports give outlives it.
class ModelCaller {
 public:
  struct Ports {
    std::function<Result<Model*>(const std::string& name)> model;
    std::function<Result<Ledger*>()> ledger;
    std::function<Result<ReplyStore*>()> replies;
    Artifacts& artifacts;
    Clock& clock;
  };
  explicit ModelCaller(Ports ports) : ports_(std::move(ports)) {}

  /// What a draw met is in the outcome, one error a draw: model_error, E1020 (budget), E1021 (a budget in money, and no price). A reply that
  /// could not be kept or booked is used all the same, with a note: it is paid. An Error is what kept Sluice from working: storage, configuration,
  /// cancelled.
  Result<ModelOutcome> call(const ModelCalls& calls, const CallOrigin& origin, const Call& call);
  /// The run needs its own copies of these replies no longer, since the calls' steps are recorded. Other runs are given those that came to something;
  /// what led nowhere would lead them nowhere too.
  Result<> release(const EndedCalls& ended, const CallOrigin& origin);
  /// What the store has of a call that the ledger knows, where it has it.
  Result<std::optional<ModelReply>> kept_reply(const LedgerEntry& call, ModelRequest request);

 private:
  class Batch;
  Ports ports_;
};

}  // namespace sluice
