#include "app/changes.h"

#include <condition_variable>
#include <mutex>

#include "app/run_status.h"

namespace sluice {

Result<Changes> ChangeWatch::look(const std::set<std::string>& looked_at) {
  change_no_ = journal_.change_no();  // first: what is written from now on is news for the next look
  Changes changes;
  TRY_VOID(look_at_runs(looked_at, changes));
  TRY_VOID(look_at_approvals(changes));
  if (first_) {
    changes.runs.clear();
    changes.approvals.clear();
  }
  first_ = false;
  return changes;
}

void ChangeWatch::wait(std::chrono::milliseconds at_least, std::chrono::milliseconds at_most, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, at_least, [] { return false; });
  if (!stop.stop_requested()) journal_.wait_for_change(change_no_, at_most, stop);
}

Result<> ChangeWatch::look_at_runs(const std::set<std::string>& looked_at, Changes& changes) {
  TRY(std::set<std::string> others, named_by_audit());
  others.insert(looked_at.begin(), looked_at.end());
  others.merge(executing_);
  executing_.clear();
  TRY(const std::vector<RunInfo> executing, journal_.runs({.status = RunStatus::running, .limit = kListMax}));
  for (const RunInfo& run : executing) {
    executing_.insert(run.id.text);
    others.erase(run.id.text);
    TRY_VOID(note(run, changes));
  }
  TRY(const std::vector<RunInfo> newest, journal_.runs({.limit = kNewestMax}));
  for (const RunInfo& run : newest) {
    others.erase(run.id.text);
    TRY_VOID(note(run, changes));
  }
  for (const std::string& id : others) {
    auto run = journal_.run({id});
    if (!run && run.error().kind == ErrorKind::not_found) continue;  // pruned meanwhile
    if (!run) return std::move(run).error();
    TRY_VOID(note(*std::move(run), changes));
  }
  if (known_.size() > kKnownMax) known_.clear();  // what is then told once more is no news, and does no harm
  return {};
}

Result<std::set<std::string>> ChangeWatch::named_by_audit() {
  std::set<std::string> named;
  TRY(const AuditHead head, journal_.audit_head());
  if (first_) audit_no_ = head.no;
  while (audit_no_ < head.no) {  // bounded: the head was read before
    TRY(const std::vector<AuditEntry> entries, journal_.audit(audit_no_ + 1, kAuditMax));
    if (entries.empty()) break;
    for (const AuditEntry& entry : entries)
      if (!entry.run.empty()) named.insert(entry.run.text);
    audit_no_ = entries.back().no;
  }
  return named;
}

Result<> ChangeWatch::note(RunInfo run, Changes& changes) {
  const Seen now{run.head_seq, run.wake_no, run.epoch, run.status, run.owner_dead};
  const auto [known, is_new] = known_.try_emplace(run.id.text, now);
  if (!is_new && known->second == now) return {};
  if (first_) {
    known->second = now;
    return {};
  }
  auto status = status_of_(run);
  if (!status && status.error().kind == ErrorKind::storage) {
    known_.erase(known);
    return std::move(status).error();
  }
  known->second = now;
  changes.runs.push_back({std::move(run), status ? *status : AskStatus::failed});  // what is damaged is said where the run is shown
  return {};
}

Result<> ChangeWatch::look_at_approvals(Changes& changes) {
  TRY(std::vector<ApprovalInfo> open, journal_.approvals({.limit = kOpenMax}));
  const TimeMs now = journal_.now();
  std::map<std::string, RunId> still_open;
  for (ApprovalInfo& approval : open) {
    approval = as_of(std::move(approval), now);
    if (approval.status != ApprovalStatus::open) continue;
    still_open.emplace(approval.id.text, approval.run_id);
    if (!open_.contains(approval.id.text)) changes.approvals.push_back(std::move(approval));
  }
  const auto gone = open_;
  open_ = std::move(still_open);
  for (const auto& [id, run] : gone) {
    if (open_.contains(id)) continue;
    auto approval = journal_.approval({id});
    if (approval) changes.approvals.push_back(as_of(*std::move(approval), now));
  }
  return {};
}

}  // namespace sluice
