#pragma once
#include "app/audit.h"
#include "workflow/engine.h"

namespace sluice {

/// How many runs this program could go on with.
struct PreflightReport {
  std::int64_t fine = 0, stuck = 0;
  bool whole = false;  ///< it was not stopped
};

}  // namespace sluice
