#pragma once
#include "process.h"

namespace sluice::sim {

/// Checks what has to hold at a story's end against what really happened: numbers without gaps, nothing confirmed lost, each effect at most once and
/// each approved one with exactly the approved bytes, nothing recorded that did not happen, the audit chain whole. Breaks go to the world.
void check_promises(Stage& stage, Coverage& coverage);

/// Whether the run came to the same as without any disturbance, where people said the same. False: it cannot be compared (it was cancelled, or a
/// step failed).
bool compare_with_undisturbed(Stage& stage, const RunInfo& run);

/// Numbers of the run's last events that a fork can keep: nothing in them is begun and not ended, or approved and not used.
std::vector<std::int64_t> cuts_of(Journal& journal, const RunInfo& run);

}  // namespace sluice::sim
