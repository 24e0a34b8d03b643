#pragma once
#include <vector>

#include "agents/confidence.h"
#include "agents/examples.h"

namespace sluice {

/// What people decided about earlier questions of a connection.
struct AgentMemory {
  /// Questions whose first proposal a person approved, but for those that somebody wants forgotten; newest first.
  std::vector<ApprovedQuestion> examples{};
  /// How sure models' drafts seemed, and whether a person agreed.
  std::vector<DecidedScore> history{};
};

}  // namespace sluice
