#pragma once
#include <memory>

#include "telemetry/telemetry.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// The journal, and beside it a line of the log, a figure and a span for everything that this process brings about in it: every state that a run
/// comes to passes here, whoever writes it. What is told is told after it was confirmed. `telemetry` outlives it.
std::unique_ptr<Journal> observed(std::unique_ptr<Journal> journal, Telemetry& telemetry);

}  // namespace sluice
