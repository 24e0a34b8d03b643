#include "app/preflight.h"

#include <array>

#include "app/app.h"
#include "app/app_inner.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr int kPage = 500;
constexpr std::array kOpen{RunStatus::ready, RunStatus::running, RunStatus::parked, RunStatus::paused, RunStatus::unknown};

}  // namespace

Result<PreflightReport> App::preflight(const std::vector<RunId>& only, const std::function<void(const Preflight&, AskStatus)>& each,
                                       const ProgressWords& progress, const std::stop_token& stop) {
  TRY(Engine * engine, inner_->workflows());
  PreflightReport report;
  const auto look = [&](const RunId& run) -> Result<> {
    auto found = engine->preflight(run);
    if (!found && found.error().code == "E0102" && only.empty()) return {};  // it was deleted meanwhile
    if (!found) return found.error();
    (found->problem ? report.stuck : report.fine) += 1;
    TRY(const AskStatus status, inner_->status_of(*engine, found->run));
    each(*found, status);
    if (progress) progress("executing histories: " + counted(report.fine + report.stuck, "run"));
    return {};
  };
  for (const RunId& run : only) {
    if (stop.stop_requested()) return report;
    TRY_VOID(look(run));
  }
  for (const RunStatus status : kOpen) {
    RunFilter page{.status = status, .limit = kPage};
    for (bool more = only.empty(); more;) {  // bounded by the runs
      TRY(const std::vector<RunInfo> runs, inner_->journal->runs(page));
      for (const RunInfo& run : runs) {
        if (stop.stop_requested()) return report;
        if (run.imported.empty()) TRY_VOID(look(run.id));  // nobody goes on with a copy
      }
      more = std::ssize(runs) == kPage;
      if (more) page.before = runs.back().id;
    }
  }
  report.whole = true;
  return report;
}

}  // namespace sluice
