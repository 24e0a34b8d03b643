#pragma once
#include "base/codec.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// What an exported file says of a run. What only the journal that executes it needs (owner, waiting, de-duplication key) is not in it.
Json encode_run(const RunInfo& run);
Json encode_event(const RunId& run, const EventInfo& event);
Json encode_approval(const ApprovalInfo& approval);

/// Errors of the codec, where something else stands there.
Result<RunInfo> decode_run(const Json& json);
struct CopiedEvent {
  RunId run{};
  EventInfo event{};
};
Result<CopiedEvent> decode_event(const Json& json);
Result<ApprovalInfo> decode_approval(const Json& json);

}  // namespace sluice
