#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agents/model_calls.h"
#include "agents/ports/ledger.h"
#include "agents/ports/model.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// How a model call ended, as far as anybody wrote it down.
enum class CallEnd : std::uint8_t {
  paid,       ///< a reply came
  failed,     ///< `called.error` says why; it may never have been sent
  cached,     ///< the reply was there already
  in_flight,  ///< sent, and nobody wrote its end: it is under way, or its process died
};
template <>
struct EnumNames<CallEnd> {
  static constexpr std::array<std::pair<CallEnd, std::string_view>, 4> names{
      {{CallEnd::paid, "paid"}, {CallEnd::failed, "failed"}, {CallEnd::cached, "cached"}, {CallEnd::in_flight, "in flight"}}};
};

/// A model call of a run, with what it was asked.
struct PromptView {
  std::string path{};  ///< of the step
  CallEnd end = CallEnd::paid;
  std::optional<ModelRequest> request{};
  std::optional<Error> request_error{};  ///< why there is no `request`
  bool replied = false;                  ///< `called.reply` is what came
  ModelCalled called{};                  ///< of a call in flight, `usd` is the most that it can cost
};

/// The reply that is kept of a call, where there is one.
using FindReply = std::function<Result<std::optional<ModelReply>>(const LedgerEntry& call, const ModelRequest& request)>;

/// What a run did with models, put together from what each place knows: the journal has the prompts and the steps that came to an end; the ledger has
/// every call that was sent, those of steps that were stopped or whose process died among them; the store has what came. Step by step in the
/// journal's order, in a step the calls of former attempts first. What is gone or damaged is said in its place: one missing file hides nothing else.
std::vector<PromptView> run_prompts(const std::vector<EventInfo>& events, const std::vector<LedgerEntry>& entries, Artifacts& artifacts,
                                    const FindReply& find_reply);

}  // namespace sluice
