#pragma once
#include <span>
#include <vector>

#include "workflow/ports/journal_types.h"

namespace sluice::workflow_detail {

/// Brings an event's body from one form to the next.
using Upcast = Json (*)(EventType type, Json body);

/// The events in the form that this program reads. `steps[n]` leads from form n + 1 to n + 2, so that there are as many as forms before the newest.
/// E0140 where an event is of a form that a newer program has introduced: it is not guessed at.
Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events, std::span<const Upcast> steps);
/// The same with this program's steps.
Result<std::vector<EventInfo>> upcast(const RunId& run, std::vector<EventInfo> events);

}  // namespace sluice::workflow_detail
