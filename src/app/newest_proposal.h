#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "flows/ask/ask.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// What a run that has not ended is about: its newest proposal and proof, what it asks back, or what it shows again after a refinement that led
/// nowhere. `asked` is its newest approval, if there is one: a model's question stands on the card alone. `value_of` gives what a completed step
/// gave. E0202 for a damaged record.
Result<AskAnswer> newest_proposal(const RunId& id, const std::vector<EventInfo>& events, const std::optional<ApprovalInfo>& asked,
                                  const std::function<Result<Json>(const EventInfo&)>& value_of);

}  // namespace sluice
