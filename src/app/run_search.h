#pragma once
#include <functional>
#include <optional>
#include <string>

#include "app/run_view.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// Which runs are wanted: all that is given has to be so.
struct RunSearch {
  std::optional<AskStatus> status{};
  std::string workflow{}, connection{}, queue{};
  std::string text{};  ///< part of what was asked, large and small letters alike
  std::optional<TimeMs> since{}, until{};
  std::string before{};  ///< cursor: a run's id, or the beginning of it; only runs that are older
  RunId before_run{};    ///< the same, by its whole id, for which nothing is looked up
  int limit = 50;        ///< at most kListMax
  Sight sight{};         ///< of whoever searches
};

/// Newest first. `status_of` says how the run looks, and may word its reason anew; a run about which it fails is listed as damaged.
Result<RunList> search_runs(Journal& journal, const RunSearch& search, const RunId& before,
                            const std::function<Result<AskStatus>(RunInfo&)>& status_of);

}  // namespace sluice
