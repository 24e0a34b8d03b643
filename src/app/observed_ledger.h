#pragma once
#include <memory>

#include "agents/ports/ledger.h"
#include "telemetry/telemetry.h"

namespace sluice {

/// The ledger, and beside it a line of the log, figures and a span (with OpenTelemetry's names for generative AI) for every call of a model that was
/// settled, and every reply that the cache gave. `telemetry` outlives it.
std::unique_ptr<Ledger> observed(std::unique_ptr<Ledger> ledger, Telemetry& telemetry);

}  // namespace sluice
