#include "app/run_status.h"

namespace sluice {
namespace {

/// Any of the two does it, and the other then has nothing to do.
std::string who_goes_on(const RunInfo& run) { return "sluice worker --queues " + run.place.queue + ", or: sluice runs resume " + run.id.text; }

}  // namespace

AskStatus status_of(RunStatus status) {
  switch (status) {
    case RunStatus::ready:
    case RunStatus::running:
    case RunStatus::parked: return AskStatus::waiting;
    case RunStatus::paused: return AskStatus::paused;
    case RunStatus::unknown: return AskStatus::unknown;
    case RunStatus::cancelled: return AskStatus::cancelled;
    case RunStatus::done:
    case RunStatus::failed: return AskStatus::failed;
  }
  return AskStatus::failed;
}

AskStatus status_of(RunInfo& run, TimeMs now) {
  const bool abandoned = (run.status == RunStatus::ready && run.epoch > 0) || (run.status == RunStatus::running && run.owner_dead);
  if (abandoned)
    run.reason = "no process works on it any more; go on with it: " + who_goes_on(run);
  else if (run.status == RunStatus::ready)
    run.reason = "waits for a worker: " + who_goes_on(run);
  else if (run.status == RunStatus::running)
    run.reason = "is being executed by " + run.owner.text;
  else if (run.status == RunStatus::parked && run.is_due(now))
    run.reason += "; there is news for it: where no process takes it up, " + who_goes_on(run);
  return abandoned ? AskStatus::paused : status_of(run.status);
}

ApprovalInfo as_of(ApprovalInfo approval, TimeMs now) {
  if (approval.status == ApprovalStatus::open && approval.due_at && *approval.due_at <= now) approval.status = ApprovalStatus::expired;
  return approval;
}

}  // namespace sluice
