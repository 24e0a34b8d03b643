#pragma once
#include <chrono>
#include <functional>
#include <vector>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

// Runs that change hands.
namespace sluice::journal_detail {

/// Who claims, and what is known of nodes beside their leases: whether one is dead for sure.
struct Claimer {
  std::function<bool(const NodeId&)> is_dead_for_sure;
  TimeMs lease_ms = 0;
};

/// Whether the run is in the hands of a node that is dead, or silent for longer than its lease.
Result<bool> owner_is_dead(Db& db, const RunInfo& run, const Claimer& claimer);
Result<RunInfo> claim_run(Db& db, const RunId& run, const NodeId& node, const Claimer& claimer);  // E0102, E0104, E0115, E0129
Result<std::vector<RunInfo>> claim_due_runs(Db& db, const ClaimDue& wanted, const Claimer& claimer);

}  // namespace sluice::journal_detail
