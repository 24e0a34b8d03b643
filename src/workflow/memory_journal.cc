#include "workflow/memory_journal.h"

#include <algorithm>

#include "base/hash.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {

void MemoryJournal::changed() {
  ++changes_;
  change_.notify_all();
}

Result<NodeId> MemoryJournal::register_node() {
  const std::scoped_lock lock(mutex_);
  NodeId node{"memory-" + std::to_string(++nodes_)};
  leases_[node] = now_() + lease_ms_;
  return node;
}

Result<> MemoryJournal::heartbeat(const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  leases_[node] = now_() + lease_ms_;
  return {};
}

void MemoryJournal::release_node(const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  leases_.erase(node);
  changed();
}

bool MemoryJournal::owner_dead(const RunInfo& run) const {
  if (run.status != RunStatus::running) return false;
  const auto lease = leases_.find(run.owner);
  return lease == leases_.end() || lease->second <= now_();
}

Result<CreatedRun> MemoryJournal::create_run(const NewRun& run) {
  const std::scoped_lock lock(mutex_);
  if (!run.dedup_key.empty()) {
    for (const auto& [id, stored] : runs_) {
      if (stored.info.dedup_key != run.dedup_key) continue;
      if (stored.info.name != run.name || !(stored.events.front().body["input"] == run.input)) return dedup_taken(run, stored.info);
      return CreatedRun{stored.info, true};
    }
  }
  Stored stored;
  RunInfo& info = stored.info;
  info.id = run.id;
  info.name = run.name;
  info.code_version = run.code_version;
  info.dedup_key = run.dedup_key;
  info.labels = run.labels;
  info.created_at = info.updated_at = now_();
  info.deadline_at = run.deadline_at;
  info.head_seq = 1;
  if (!run.claim_by.empty()) {
    info.status = RunStatus::running;
    info.owner = run.claim_by;
    info.epoch = info.idle_claims = 1;
    leases_[run.claim_by] = now_() + lease_ms_;
  }
  stored.events.push_back(
      {.seq = 1, .epoch = info.epoch, .type = EventType::run_started, .body = Json::object().set("input", run.input), .at = now_()});
  CreatedRun created{info, false};
  runs_[run.id] = std::move(stored);
  changed();
  return created;
}

Result<RunInfo> MemoryJournal::claim(const RunId& run, const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  RunInfo& info = place->second.info;
  if (is_final(info.status)) return run_finished(info);
  if (info.status == RunStatus::running && info.owner != node && !owner_dead(info)) return run_owned(info);
  info.status = RunStatus::running;
  info.owner = node;
  info.epoch += 1;
  info.idle_claims += 1;
  info.reason.clear();
  info.wake_at.reset();
  info.updated_at = now_();
  leases_[node] = now_() + lease_ms_;
  return info;
}

void MemoryJournal::insert_approval(const RunId& run, const NewApproval& approval) {
  ApprovalInfo info{.id = approval.id, .run_id = run, .path = approval.path, .subject_hash = approval.subject_hash, .subject = approval.subject};
  info.card = approval.card;
  info.policy = approval.policy;
  info.due_at = approval.due_at;
  info.status = approval.status;
  info.decided_by = approval.decided_by;
  info.created_at = now_();
  if (info.status != ApprovalStatus::open) info.decided_at = now_();
  approvals_.push_back(std::move(info));
}

void MemoryJournal::leave(Stored& stored, const Transition& transition) {
  RunInfo& info = stored.info;
  info.status = transition.to;
  info.reason = transition.reason;
  info.wake_at = transition.wake_at;
  info.parked_no = transition.wake_no_seen;
  info.owner = {};
  if (!is_final(transition.to)) return;
  stored.inbox.clear();
  for (ApprovalInfo& approval : approvals_)
    if (approval.run_id == info.id && approval.status == ApprovalStatus::open) approval.status = ApprovalStatus::voided;
}

Result<Appended> MemoryJournal::append(const Append& append) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(append.run);
  if (place == runs_.end()) return run_not_found(append.run);
  Stored& stored = place->second;
  RunInfo& info = stored.info;
  if (info.epoch != append.epoch || info.head_seq != append.head_seq || info.status != RunStatus::running) return fenced(append.run);
  if (append.spend) {
    const auto approval = std::find_if(approvals_.begin(), approvals_.end(), [&](const ApprovalInfo& a) { return a.id == append.spend->id; });
    if (approval == approvals_.end() || approval->run_id != append.run) return cannot_spend(append.spend->id, "it belongs to another run");
    if (approval->status != ApprovalStatus::approved) return cannot_spend(append.spend->id, "it is " + std::string(enum_name(approval->status)));
    if (approval->subject_hash != append.spend->subject_hash) return cannot_spend(append.spend->id, "it is for another subject");
    if (approval->spent_seq) return cannot_spend(append.spend->id, "it has been used already");
    approval->spent_seq = append.head_seq + static_cast<std::int64_t>(append.events.size());
  }
  for (const NewEvent& event : append.events)
    stored.events.push_back(
        {++info.head_seq, append.epoch, event.type, event.path, event.try_no, event.in_hash, *Json::parse(event.body.dump()), now_()});
  for (const NewApproval& approval : append.approvals) insert_approval(append.run, approval);
  info.updated_at = now_();
  info.idle_claims = 0;
  Appended answer{.head_seq = info.head_seq};
  if (append.transition) {
    const RunStatus to = append.transition->to;
    answer.woken = !is_final(to) && to != RunStatus::ready && info.wake_no != append.transition->wake_no_seen;
    if (!answer.woken) leave(stored, *append.transition);
  }
  changed();
  return answer;
}

Result<RunInfo> MemoryJournal::run(const RunId& run) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  RunInfo info = place->second.info;
  info.owner_dead = owner_dead(info);
  return info;
}

Result<std::vector<RunInfo>> MemoryJournal::runs(const RunFilter& filter) {
  const std::scoped_lock lock(mutex_);
  std::vector<RunInfo> found;
  for (auto place = runs_.rbegin(); place != runs_.rend() && static_cast<int>(found.size()) < std::min(filter.limit, kListMax); ++place) {
    const RunInfo& info = place->second.info;
    if (filter.status && info.status != *filter.status) continue;
    if (!filter.before.empty() && info.id >= filter.before) continue;
    found.push_back(info);
    found.back().owner_dead = owner_dead(info);
  }
  return found;
}

Result<std::vector<EventInfo>> MemoryJournal::events(const RunId& run, std::int64_t after_seq, int limit) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  std::vector<EventInfo> found;
  for (const EventInfo& event : place->second.events)
    if (event.seq > after_seq && static_cast<int>(found.size()) < limit) found.push_back(event);
  return found;
}

Result<std::vector<ApprovalInfo>> MemoryJournal::approvals(const ApprovalFilter& filter) {
  const std::scoped_lock lock(mutex_);
  std::vector<ApprovalInfo> found;
  bool begun = filter.after.empty();
  for (auto approval = approvals_.rbegin(); approval != approvals_.rend(); ++approval) {
    const bool wanted = (!filter.open_only || approval->status == ApprovalStatus::open) && (filter.run.empty() || approval->run_id == filter.run);
    if (begun && wanted && static_cast<int>(found.size()) < std::min(filter.limit, kListMax)) found.push_back(*approval);
    if (approval->id == filter.after) begun = true;
  }
  return found;
}

Result<ApprovalInfo> MemoryJournal::approval(const ApprovalId& id) {
  const std::scoped_lock lock(mutex_);
  for (const ApprovalInfo& approval : approvals_)
    if (approval.id == id) return approval;
  return approval_not_found(id.text);
}

Result<ApprovalInfo> MemoryJournal::open_approval_of(const RunId& run) {
  const std::scoped_lock lock(mutex_);
  if (!runs_.contains(run)) return run_not_found(run);
  for (const ApprovalInfo& approval : approvals_)
    if (approval.run_id == run && approval.status == ApprovalStatus::open) return approval;
  return no_open_approval(run);
}

Result<ApprovalInfo> MemoryJournal::decide(const ApprovalId& id, const DecisionInput& decision) {
  TRY_VOID(check_decision(id, decision));
  const std::scoped_lock lock(mutex_);
  for (ApprovalInfo& approval : approvals_) {
    if (approval.id != id) continue;
    if (!decision.expected_subject_hash.empty() && decision.expected_subject_hash != approval.subject_hash)
      return other_subject(approval, decision.expected_subject_hash);
    if (approval.status != ApprovalStatus::open) return approval_closed(approval);
    if (approval.due_at && *approval.due_at <= now_()) return approval_closed(approval);
    if (!runs_.at(approval.run_id).inbox.empty()) return run_being_cancelled(approval);
    approval.status = status_after(decision.action);
    approval.feedback = decision.feedback;
    approval.edited = decision.edited;
    approval.reason = decision.reason;
    approval.decided_by = decision.decided_by;
    approval.decided_at = now_();
    runs_.at(approval.run_id).info.wake_no += 1;
    changed();
    return approval;
  }
  return approval_not_found(id.text);
}

Result<ApprovalInfo> MemoryJournal::expire(const ApprovalId& id) {
  const std::scoped_lock lock(mutex_);
  for (ApprovalInfo& approval : approvals_) {
    if (approval.id != id) continue;
    if (approval.status == ApprovalStatus::open && approval.due_at && *approval.due_at <= now_()) {
      approval.status = ApprovalStatus::expired;
      changed();
    }
    return approval;
  }
  return approval_not_found(id.text);
}

Result<> MemoryJournal::cancel(const RunId& run, const std::string& by, const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  Stored& stored = place->second;
  if (is_final(stored.info.status)) return run_finished(stored.info);
  stored.info.wake_no += 1;
  changed();
  for (const Message& message : stored.inbox)
    if (message.topic == "cancel") return {};
  stored.inbox.push_back({.topic = "cancel", .sender = by, .body = Json::object().set("reason", reason), .at = now_()});
  return {};
}

Result<std::vector<Message>> MemoryJournal::inbox(const RunId& run) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  return place->second.inbox;
}

Result<std::vector<RunId>> MemoryJournal::cancelled_runs(const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  std::vector<RunId> found;
  for (const auto& [id, stored] : runs_)
    if (stored.info.status == RunStatus::running && stored.info.owner == node && !stored.inbox.empty()) found.push_back(id);
  return found;
}

void MemoryJournal::wait_for_change(std::chrono::milliseconds at_most, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  change_.wait_for(lock, stop, at_most, [this, seen = changes_] { return changes_ != seen; });
}

Result<std::string> MemoryArtifacts::put(std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  if (full_) return Error{ErrorKind::storage, "E0204", "the disk is full", "free some space", 0};
  std::string hash = sha256_hex(bytes);
  bytes_[hash] = bytes;
  return hash;
}

Result<std::string> MemoryArtifacts::get(const std::string& hash) {
  const std::scoped_lock lock(mutex_);
  const auto place = bytes_.find(hash);
  if (place == bytes_.end()) return artifact_missing(hash);
  return place->second;
}

void MemoryArtifacts::set_full(bool full) {
  const std::scoped_lock lock(mutex_);
  full_ = full;
}

void MemoryArtifacts::forget(const std::string& hash) {
  const std::scoped_lock lock(mutex_);
  bytes_.erase(hash);
}

}  // namespace sluice
