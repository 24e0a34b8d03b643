#pragma once
#include <memory>
#include <string>

#include "proof/ports/engine.h"
#include "telemetry/telemetry.h"

namespace sluice {

/// The engine, and beside it a figure and a span (with OpenTelemetry's names for databases) for every call of it. The SQL itself is left out: its
/// literals may be somebody's data; its hash finds it in the journal. `telemetry` outlives it and its sessions.
std::unique_ptr<DataEngine> observed(std::unique_ptr<DataEngine> engine, const std::string& connection, Telemetry& telemetry);

}  // namespace sluice
