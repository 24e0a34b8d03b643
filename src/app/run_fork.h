#pragma once
#include <string>
#include <vector>

#include "workflow/fork.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// How a run is to be forked: from a step on, or with another result of a step that proposes.
struct ForkRequest {
  RunId run{};
  std::string from{};       ///< a step; "" where `set` says which
  std::string set_step{};   ///< "" where nothing is set
  std::string set_value{};  ///< JSON, or, for a step that proposes SQL, the SQL itself
  std::string by{};         ///< who forks; "" for AppPorts::person
  std::string dedup_key{};  ///< the same fork with the same key again is the run that there is: E0121 for another one
};

struct Forked {
  RunInfo run{};
  ForkPlan plan{};
  bool existed = false;  ///< the key belongs to it already
};

/// What is to be cut where. E0127, E0130, E0133 (also for a value that the step's code could not read).
Result<ForkPlan> plan_of(const ForkRequest& request, const std::vector<EventInfo>& events, Artifacts& artifacts, const std::string& by);

}  // namespace sluice
