#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// Where a fork leaves the history that it begins with.
struct ForkPlan {
  std::int64_t keep_seq = 1;           ///< it has the events up to this one in common with the run
  std::optional<NewEvent> last{};      ///< stands in the place of event keep_seq: a result that a person gave
  std::string step{};                  ///< the path that was named, in full
  std::vector<std::string> moved{};    ///< why it begins earlier than was asked for; sentences
  std::vector<std::string> repeats{};  ///< steps with effects that the run began after the cut: the fork may have them again, as its own
};

/// The path that the name means: a path as the journal has it, or the end of the only one that ends so. E0127 with "did you mean".
Result<std::string> find_step(const RunId& run, const std::vector<EventInfo>& events, const std::string& name);

/// A fork that does the step, and all after it, anew: cut before the step's first event. What was asked for in the kept part and is not settled there
/// belongs to the run, above all a yes that it has not spent: then the cut lies before that was asked for, and `moved` says so.
/// E0127: no such step. E0130: an effect, a child or a branch would be cut in two; the hint names steps where it can be cut.
Result<ForkPlan> plan_fork(const RunId& run, const std::vector<EventInfo>& events, const std::string& path);

/// A fork with another result of the step, from which it goes on: cut behind it. Only what was recorded as a proposal can be given: it is proven and
/// approved like any other. `value` is put into the event as it is; whether the step's code can read it is for the caller to look at.
/// E0127, E0130 as `plan_fork`; E0133: no proposal.
Result<ForkPlan> plan_fork_with(const RunId& run, const std::vector<EventInfo>& events, const std::string& path, Json value, const std::string& by);

/// Whether the result of the step is a proposal. E0133: it is none, it has not come to a result, or the run is of a time when that was not recorded.
Result<> check_proposes(const RunId& run, const std::vector<EventInfo>& events, const std::string& path);

}  // namespace sluice
