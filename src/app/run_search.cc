#include "app/run_search.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr int kPagesMax = 100;  // of kListMax runs each are looked through for those with the status

/// The status in the journal that such runs have; nothing where they may have several.
std::optional<RunStatus> recorded_status(std::optional<AskStatus> wanted) {
  if (!wanted) return std::nullopt;
  switch (*wanted) {
    case AskStatus::answered:
    case AskStatus::rejected:
    case AskStatus::timeout:
    case AskStatus::unanswerable: return RunStatus::done;
    case AskStatus::cancelled: return RunStatus::cancelled;
    case AskStatus::unknown: return RunStatus::unknown;
    case AskStatus::failed:
    case AskStatus::waiting:
    case AskStatus::paused: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<RunList> search_runs(Journal& journal, const RunSearch& search, const RunId& before,
                            const std::function<Result<AskStatus>(RunInfo&)>& status_of) {
  // With a status that only a look at each run tells, whole pages are read; else one more than is wanted, to know whether there are more.
  const int page_size = search.status ? kListMax : std::min(search.limit + 1, kListMax);
  RunFilter filter{.status = recorded_status(search.status),
                   .limit = page_size,
                   .before = before,
                   .name = search.workflow,
                   .queue = search.queue,
                   .connection = search.connection,
                   .text = search.text,
                   .created_from = search.since,
                   .created_before = search.until,
                   .sight = search.sight};
  RunList found;
  for (int n = 0; n < kPagesMax; ++n) {
    TRY(std::vector<RunInfo> page, journal.runs(filter));
    for (RunInfo& run : page) {
      RunSummary summary{std::move(run)};
      const auto status = status_of(summary.run);
      filter.before = summary.run.id;
      if (!status) {
        found.damaged.push_back(status.error());
        continue;
      }
      summary.status = *status;
      if (search.status && summary.status != *search.status) continue;
      if (std::ssize(found.runs) == search.limit) {
        found.next = found.runs.back().run.id;
        return found;
      }
      found.runs.push_back(std::move(summary));
    }
    if (std::ssize(page) < page_size) return found;
  }
  found.next = filter.before;
  return found;
}

}  // namespace sluice
