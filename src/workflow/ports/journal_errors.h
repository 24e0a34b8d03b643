#pragma once
#include <string_view>

#include "workflow/ports/journal_types.h"

namespace sluice {

/// The journal's refusals, worded once for all adapters.
Error run_not_found(const RunId& run);          // E0102
Error run_owned(const RunInfo& run);            // E0104
Error fenced(const RunId& run);                 // E0105
Error approval_not_found(std::string_view id);  // E0106
Error no_open_approval(const RunId& run);       // E0106
/// E0107, E0108 or E0109, by what became of it.
Error approval_closed(const ApprovalInfo& approval);
Error run_being_cancelled(const ApprovalInfo& approval);                       // E0109
Error other_subject(const ApprovalInfo& approval, std::string_view expected);  // E0110
Error cannot_spend(const ApprovalId& id, std::string_view why);                // E0113
Error run_finished(const RunInfo& run);                                        // E0115
Error dedup_taken(const NewRun& wanted, const RunInfo& existing);              // E0121
Error dedup_taken(const NewFork& wanted, const RunInfo& existing);             // E0121
Error no_such_event(const RunInfo& run, std::int64_t seq);                     // E0127
Error run_exists(const RunInfo& run);                                          // E0128
Error run_imported(const RunInfo& run);                                        // E0129
Error inbox_full(const RunInfo& run);                                          // E0137

/// E0111: a decision that says nothing, says it for nobody, or is too long.
Result<> check_decision(const ApprovalId& id, const DecisionInput& decision);
/// Whether the run is what the fork would have begun: `kept` is its event keep_seq, `original` that of the run that it comes from.
bool is_same_fork(const NewFork& wanted, const RunInfo& existing, const EventInfo& kept, const EventInfo& original);
/// The state that a decision leads to.
ApprovalStatus status_after(DecisionAction action);

constexpr std::size_t kDecisionTextMax = 100'000;  ///< bytes of feedback, edited text or reason

/// "2026-05-01 12:00:00 UTC"
std::string utc_text(TimeMs time);

}  // namespace sluice
