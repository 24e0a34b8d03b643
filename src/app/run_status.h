#pragma once
#include "flows/ask/ask.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// How the status of a run looks to the person who asked. What became of one that is done, its outcome says.
AskStatus status_of(RunStatus status);
/// The same of the whole run. Where it goes on only when somebody takes it up, its reason is made to say so.
AskStatus status_of(RunInfo& run, TimeMs now);

/// What has come to its time without a decision is expired, also before its run takes notice.
ApprovalInfo as_of(ApprovalInfo approval, TimeMs now);

}  // namespace sluice
