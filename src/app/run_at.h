#pragma once
#include <functional>
#include <string>

#include "app/run_view.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// A run as it was right after one of its events.
struct RunAt {
  RunView view{};
  EventInfo event{};
  std::int64_t later = 0;  ///< events that came after
};

/// The event that the text means: its number, or the last one of the step that it names (workflow/fork.h, find_step). E0127.
Result<std::int64_t> find_moment(const RunInfo& run, const std::vector<EventInfo>& events, const std::string& step);

/// Out of what the run is `now`, and of its events. `approval` gives one as it is today, `value_of` what a completed step gave. E0202 for a damaged
/// record.
Result<RunAt> run_at(RunView now, const std::vector<EventInfo>& events, std::int64_t seq,
                     const std::function<Result<ApprovalInfo>(const ApprovalId&)>& approval,
                     const std::function<Result<Json>(const EventInfo&)>& value_of);

}  // namespace sluice
