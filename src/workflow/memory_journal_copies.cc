#include <algorithm>

#include "workflow/memory_journal.h"
#include "workflow/ports/journal_errors.h"

// Runs that come from other runs, and runs that go.
namespace sluice {

std::optional<Result<RunInfo>> MemoryJournal::fork_in_the_way(const NewFork& fork) const {
  if (fork.dedup_key.empty()) return std::nullopt;
  const auto tenant = runs_.at(fork.from).info.place.tenant;
  for (const auto& [id, stored] : runs_) {
    if (stored.info.dedup_key != fork.dedup_key || stored.info.place.tenant != tenant) continue;
    const auto place = static_cast<std::size_t>(fork.keep_seq - 1);
    const bool same = place < stored.events.size() && is_same_fork(fork, stored.info, stored.events[place], runs_.at(fork.from).events[place]);
    if (!same) return dedup_taken(fork, stored.info);
    return stored.info;
  }
  return std::nullopt;
}

Result<RunInfo> MemoryJournal::fork(const NewFork& fork) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(fork.from);
  if (place == runs_.end()) return run_not_found(fork.from);
  const Stored& from = place->second;
  if (fork.keep_seq < 1 || fork.keep_seq > from.info.head_seq) return no_such_event(from.info, fork.keep_seq);
  if (auto there = fork_in_the_way(fork)) return *std::move(there);
  Stored stored;
  RunInfo& info = stored.info;
  info.id = info.root = fork.id;
  info.name = from.info.name;
  info.code_version = from.info.code_version;
  info.labels = fork.labels;
  info.place = from.info.place;
  info.dedup_key = fork.dedup_key;
  info.forked_from = fork.from;
  info.forked_seq = info.head_seq = fork.keep_seq;
  info.created_at = info.updated_at = now_();
  stored.events.assign(from.events.begin(), from.events.begin() + fork.keep_seq);
  if (fork.last) {
    EventInfo& last = stored.events.back();
    last = {.seq = last.seq, .type = fork.last->type, .path = fork.last->path, .try_no = fork.last->try_no, .in_hash = fork.last->in_hash};
    last.body = fork.last->body;
    last.at = now_();
    last.schema_v = schema_of(last.body);
  }
  for (EventInfo& event : stored.events) event.epoch = 0;
  const RunInfo made = info;
  write_audit({audit_draft(fork, stored.events)});
  runs_[fork.id] = std::move(stored);
  changed();
  return made;
}

Result<RunInfo> MemoryJournal::import_run(const RunCopy& copy, const std::string& by) {
  const std::scoped_lock lock(mutex_);
  if (const auto place = runs_.find(copy.run.id); place != runs_.end()) return run_exists(place->second.info);
  RunCopy labelled = copy;
  label_as_recorded(labelled);
  Stored stored{.info = labelled.run, .events = copy.events};
  RunInfo& info = stored.info;
  info.imported = "by " + by + " at " + utc_text(now_());
  info.owner = {};
  info.wake_at.reset();
  info.parked_no = info.wake_no;
  if (!is_final(info.status)) {
    info.status = RunStatus::paused;
    info.reason = "a copy from another journal; fork it to go on";
  }
  RunCopy kept{.run = info, .events = stored.events, .approvals = copy.approvals};
  for (ApprovalInfo& approval : kept.approvals) {
    if (approval.status == ApprovalStatus::open) approval.status = ApprovalStatus::voided;
    approvals_.push_back(approval);
  }
  const RunInfo made = info;
  runs_[info.id] = std::move(stored);
  write_audit({audit_draft(kept, by)});
  changed();
  return made;
}

/// Whether a root and all that it started ended before the time.
bool MemoryJournal::may_prune(const RunInfo& root, TimeMs ended_before) const {
  return root.root == root.id && std::all_of(runs_.begin(), runs_.end(), [&](const auto& entry) {
           const RunInfo& info = entry.second.info;
           return info.root != root.id || ((is_final(info.status) || !info.imported.empty()) && info.updated_at < ended_before);
         });
}

Result<Pruned> MemoryJournal::prune(const PruneLimits& limits) {
  const std::scoped_lock lock(mutex_);
  Pruned pruned;
  std::set<RunId> roots, gone;
  for (const auto& [id, stored] : runs_) {
    if (!may_prune(stored.info, limits.ended_before)) continue;
    pruned.more = static_cast<int>(roots.size()) >= limits.runs_max;
    if (pruned.more) break;
    roots.insert(id);
  }
  for (const auto& [id, stored] : runs_) {
    if (!roots.contains(stored.info.root)) continue;
    gone.insert(id);
    pruned.runs.push_back(id);
    pruned.events += std::ssize(stored.events);
  }
  for (const ApprovalInfo& approval : approvals_) {
    const bool homeless = gone.contains(approval.run_id) || !runs_.contains(approval.run_id);
    if (homeless && approval.decided_at.value_or(approval.created_at) < limits.approvals_before) pruned.approvals.push_back(approval.id);
  }
  if (limits.dry || (gone.empty() && pruned.approvals.empty())) return pruned;
  const std::set<ApprovalId> old(pruned.approvals.begin(), pruned.approvals.end());
  std::erase_if(approvals_, [&](const ApprovalInfo& approval) { return old.contains(approval.id); });
  for (const RunId& id : gone) runs_.erase(id);
  write_audit({audit_draft(pruned)});
  changed();
  return pruned;
}

}  // namespace sluice
