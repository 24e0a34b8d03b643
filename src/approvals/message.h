#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// A decision as a file or a queue carries it: {"thread_id": "…", "action": "approve|refine|reject", "feedback": null}. The thread is the run.
/// `approval_id` and `subject_hash` are optional; where given, the decision counts for that approval only.
struct DecisionMessage {
  std::string thread_id{};
  DecisionAction action{};
  std::string feedback{}, approval_id{}, subject_hash{};
};

/// Strict: unknown members, wrong types, a refinement without feedback or an oversized text are refused with the reason (E0501), so that
/// a malformed message never decides anything.
Result<DecisionMessage> parse_decision_message(std::string_view text);

}  // namespace sluice
