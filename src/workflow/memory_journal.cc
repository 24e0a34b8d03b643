#include "workflow/memory_journal.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {
namespace {

bool matches(const RunInfo& run, const RunFilter& filter) {
  if (!filter.dedup_key.empty() && run.dedup_key != filter.dedup_key) return false;
  const auto is = [](const std::string& wanted, std::string_view there) { return wanted.empty() || wanted == there; };
  if (!is(filter.name, run.name) || !is(filter.queue, run.place.queue) || !is(filter.parent.text, run.parent.text)) return false;
  if (!is(filter.connection, run.labels.text("connection"))) return false;
  if (!filter.sight.covers(run.labels.text("connection"), run.name)) return false;
  if (filter.tenant && *filter.tenant != run.place.tenant) return false;
  if (filter.roots_only && !run.parent.empty()) return false;
  if (filter.created_from && run.created_at < *filter.created_from) return false;
  if (filter.created_before && run.created_at >= *filter.created_before) return false;
  return to_lower(run.labels.text("text")).find(to_lower(filter.text)) != std::string::npos;
}

}  // namespace

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

void MemoryJournal::insert_run(const NewRun& run, const RunInfo* parent, const std::string& parent_path) {
  Stored stored;
  RunInfo& info = stored.info;
  info.id = run.id;
  info.name = run.name;
  info.code_version = run.code_version;
  info.dedup_key = run.dedup_key;
  info.labels = run.labels;
  info.place = run.place;
  info.root = parent != nullptr ? parent->root : run.id;
  if (parent != nullptr) info.parent = parent->id;
  info.parent_path = parent_path;
  info.created_at = info.updated_at = now_();
  info.deadline_at = run.deadline_at;
  info.head_seq = 1;
  if (!run.claim_by.empty()) {
    info.status = RunStatus::running;
    info.owner = run.claim_by;
    info.epoch = info.idle_claims = 1;
    stored.began = now_();
    keep_lease(run.claim_by);
  }
  stored.events.push_back({.seq = 1, .epoch = info.epoch, .type = EventType::run_started, .body = started_body(run), .at = now_()});
  stored.events.back().schema_v = run.schema_v;
  runs_[run.id] = std::move(stored);
}

Result<CreatedRun> MemoryJournal::create_run(const NewRun& run) {
  const std::scoped_lock lock(mutex_);
  if (!run.dedup_key.empty()) {
    for (const auto& [id, stored] : runs_) {
      if (stored.info.dedup_key != run.dedup_key || stored.info.place.tenant != run.place.tenant) continue;
      if (!stored.info.forked_from.empty() || stored.info.name != run.name || !(stored.events.front().body["input"] == run.input))
        return dedup_taken(run, stored.info);
      return CreatedRun{stored.info, true};
    }
  }
  insert_run(run, nullptr, "");
  changed();
  return CreatedRun{runs_.at(run.id).info, false};
}

void MemoryJournal::take_over(Stored& stored, const NodeId& node) {
  RunInfo& info = stored.info;
  info.status = RunStatus::running;
  info.owner = node;
  info.epoch += 1;
  info.idle_claims += 1;
  info.reason.clear();
  info.wake_at.reset();
  info.updated_at = now_();
  if (!stored.began) stored.began = now_();
  keep_lease(node);
}

void MemoryJournal::keep_lease(const NodeId& node) {
  TimeMs& until = leases_[node];
  if (until - now_() < lease_ms_ / 2) until = now_() + lease_ms_;
}

Result<RunInfo> MemoryJournal::claim(const RunId& run, const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  const RunInfo& info = place->second.info;
  if (is_final(info.status)) return run_finished(info);
  if (!info.imported.empty()) return run_imported(info);
  if (info.status == RunStatus::running && info.owner != node && !owner_dead(info)) return run_owned(info);
  take_over(place->second, node);
  return place->second.info;
}

bool MemoryJournal::within_limits(const Stored& candidate, const QueueLimits& limits) const {
  int running = 0, of_tenant = 0, starts = 0;
  for (const auto& [id, stored] : runs_) {
    const RunInfo& info = stored.info;
    if (info.place.queue != limits.queue) continue;
    if (stored.began && *stored.began > now_() - limits.starts_per_ms) ++starts;
    if (info.status != RunStatus::running || owner_dead(info)) continue;
    ++running;
    if (info.place.tenant == candidate.info.place.tenant) ++of_tenant;
  }
  if (limits.running_max > 0 && running >= limits.running_max) return false;
  if (limits.tenant_running_max > 0 && of_tenant >= limits.tenant_running_max) return false;
  return candidate.began || limits.starts_max == 0 || starts < limits.starts_max;
}

/// In the order in which they are to go.
std::vector<MemoryJournal::Stored*> MemoryJournal::due(const ClaimDue& wanted) {
  std::vector<Stored*> found;
  for (auto& [id, stored] : runs_) {
    RunInfo info = stored.info;
    info.owner_dead = owner_dead(info);
    const bool listed = std::find(wanted.versions.begin(), wanted.versions.end(), std::pair(info.name, info.code_version)) != wanted.versions.end();
    const bool paused = info.status == RunStatus::paused;  // news do not mend it; a cancellation ends it
    if (info.imported.empty() && listed && info.is_due(now_()) && (!paused || stored.cancelling())) found.push_back(&stored);
  }
  const auto order = [&](const Stored* stored) {
    const RunInfo& info = stored->info;
    const auto queue = std::find_if(wanted.queues.begin(), wanted.queues.end(), [&](const QueueLimits& q) { return q.queue == info.place.queue; });
    return std::tuple(queue - wanted.queues.begin(), info.place.priority, info.created_at, info.id);
  };
  std::sort(found.begin(), found.end(), [&](const Stored* a, const Stored* b) { return order(a) < order(b); });
  return found;
}

Result<std::vector<RunInfo>> MemoryJournal::claim_due(const ClaimDue& wanted) {
  const std::scoped_lock lock(mutex_);
  std::vector<RunInfo> claimed;
  for (Stored* stored : due(wanted)) {
    if (static_cast<int>(claimed.size()) >= std::min(wanted.limit, kClaimsMax)) break;
    const auto limits =
        std::find_if(wanted.queues.begin(), wanted.queues.end(), [&](const QueueLimits& queue) { return queue.queue == stored->info.place.queue; });
    if (limits == wanted.queues.end() || !within_limits(*stored, *limits)) continue;
    take_over(*stored, wanted.node);
    claimed.push_back(stored->info);
  }
  if (!claimed.empty()) changed();
  return claimed;
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
  if (const auto parent = runs_.find(info.parent); parent != runs_.end()) parent->second.info.wake_no += 1;
  for (auto& [id, other] : runs_)
    if (other.info.parent == info.id && !is_final(other.info.status)) [[maybe_unused]]
      const auto sent = leave_message(other, {.id = "cancel",
                                              .topic = "cancel",
                                              .sender = "run " + info.id.text,
                                              .body = Json::object().set("reason", "the run that started it has ended")});
}

Result<> MemoryJournal::spend(const RunId& run, const Spend& spend, std::int64_t seq) {
  const auto approval = std::find_if(approvals_.begin(), approvals_.end(), [&](const ApprovalInfo& a) { return a.id == spend.id; });
  if (approval == approvals_.end() || approval->run_id != run) return cannot_spend(spend.id, "it belongs to another run");
  if (approval->status != ApprovalStatus::approved) return cannot_spend(spend.id, "it is " + std::string(enum_name(approval->status)));
  if (approval->subject_hash != spend.subject_hash) return cannot_spend(spend.id, "it is for another subject");
  if (approval->spent_seq) return cannot_spend(spend.id, "it has been used already");
  approval->spent_seq = seq;
  return {};
}

void MemoryJournal::write_audit(std::vector<AuditDraft> drafts) {
  for (AuditDraft& draft : drafts) {
    const AuditHead head = audit_.empty() ? AuditHead{} : AuditHead{audit_.back().no, audit_.back().hash};
    audit_.push_back(chained(head, std::move(draft), now_()));
  }
}

Result<Appended> MemoryJournal::append(const Append& append) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(append.run);
  if (place == runs_.end()) return run_not_found(append.run);
  Stored& stored = place->second;
  RunInfo& info = stored.info;
  if (info.epoch != append.epoch || info.head_seq != append.head_seq || info.status != RunStatus::running) return fenced(append.run);
  if (append.spend) TRY_VOID(spend(append.run, *append.spend, append.head_seq + static_cast<std::int64_t>(append.events.size())));
  for (const NewEvent& event : append.events) {
    stored.events.push_back(
        {++info.head_seq, append.epoch, event.type, event.path, event.try_no, event.in_hash, *Json::parse(event.body.dump()), now_()});
    stored.events.back().schema_v = schema_of(event.body);
  }
  for (const NewApproval& approval : append.approvals) insert_approval(append.run, approval);
  for (const NewChild& child : append.children) {
    if (runs_.contains(child.id)) continue;
    NewRun run{.id = child.id, .name = child.name, .code_version = child.code_version, .labels = child.labels, .input = child.input};
    run.place = info.place;
    run.schema_v = child.schema_v;
    insert_run(run, &info, child.path);
  }
  std::erase_if(stored.inbox, [&](const Message& m) { return std::find(append.taken.begin(), append.taken.end(), m.id) != append.taken.end(); });
  info.updated_at = now_();
  info.idle_claims = 0;
  Appended answer{.head_seq = info.head_seq};
  if (append.transition) {
    const RunStatus to = append.transition->to;
    answer.woken = !is_final(to) && to != RunStatus::ready && info.wake_no != append.transition->wake_no_seen;
    if (!answer.woken) leave(stored, *append.transition);
  }
  write_audit(audit_drafts(append));
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
    if (!matches(info, filter)) continue;
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

bool MemoryJournal::sees(const Sight& sight, const RunId& run) const {
  if (sight.all) return true;
  const auto place = runs_.find(run);
  return place != runs_.end() && sight.covers(place->second.info.labels.text("connection"), place->second.info.name);
}

Result<std::vector<ApprovalInfo>> MemoryJournal::approvals(const ApprovalFilter& filter) {
  const std::scoped_lock lock(mutex_);
  std::vector<ApprovalInfo> found;
  bool begun = filter.after.empty();
  for (auto approval = approvals_.rbegin(); approval != approvals_.rend(); ++approval) {
    const bool wanted = (!filter.open_only || approval->status == ApprovalStatus::open) && (filter.run.empty() || approval->run_id == filter.run) &&
                        sees(filter.sight, approval->run_id);
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
    if (runs_.at(approval.run_id).cancelling()) return run_being_cancelled(approval);
    approval.status = status_after(decision.action);
    approval.feedback = decision.feedback;
    approval.edited = decision.edited;
    approval.reason = decision.reason;
    approval.decided_by = decision.decided_by;
    approval.decided_at = now_();
    runs_.at(approval.run_id).info.wake_no += 1;
    write_audit({audit_draft(approval)});
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
      write_audit({audit_draft(approval)});
      changed();
    }
    return approval;
  }
  return approval_not_found(id.text);
}

Result<> MemoryJournal::leave_message(Stored& stored, const NewMessage& message) {
  if (is_final(stored.info.status)) return run_finished(stored.info);
  if (!stored.sent.insert(message.id).second) return {};
  stored.info.wake_no += 1;
  stored.inbox.push_back({.id = message.id, .topic = message.topic, .sender = message.sender, .body = message.body, .at = now_()});
  changed();
  return {};
}

Result<> MemoryJournal::cancel(const RunId& run, const std::string& by, const std::string& reason) {
  return send(run, {.id = "cancel", .topic = "cancel", .sender = by, .body = Json::object().set("reason", reason)});
}

Result<> MemoryJournal::send(const RunId& run, const NewMessage& message) {
  const std::scoped_lock lock(mutex_);
  const auto place = runs_.find(run);
  if (place == runs_.end()) return run_not_found(run);
  if (!place->second.info.imported.empty()) return run_imported(place->second.info);
  const auto& inbox = place->second.inbox;
  const bool known = std::any_of(inbox.begin(), inbox.end(), [&](const Message& there) { return there.id == message.id; });
  if (message.topic != kCancelTopic && !known && std::ssize(inbox) >= kMessagesMax) return inbox_full(place->second.info);
  return leave_message(place->second, message);
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
    if (stored.info.status == RunStatus::running && stored.info.owner == node && stored.cancelling()) found.push_back(id);
  return found;
}

Result<JournalSize> MemoryJournal::size() {
  const std::scoped_lock lock(mutex_);
  JournalSize size{.runs = std::ssize(runs_), .approvals = std::ssize(approvals_)};
  for (const auto& [id, stored] : runs_) size.events += std::ssize(stored.events);
  return size;
}

Result<std::vector<RunCount>> MemoryJournal::run_counts(const Sight& sight) {
  const std::scoped_lock lock(mutex_);
  std::map<std::pair<std::string, RunStatus>, std::int64_t> counts;
  for (const auto& [id, stored] : runs_)
    if (!is_final(stored.info.status) && stored.info.imported.empty() && sees(sight, id)) ++counts[{stored.info.place.queue, stored.info.status}];
  std::vector<RunCount> out;
  for (const auto& [of, runs] : counts) out.push_back({of.first, of.second, runs});
  return out;
}

Result<bool> MemoryJournal::note_refusal(const NewRefusal& refusal) {
  const NewRefusal kept = kept_refusal(refusal);
  const std::scoped_lock lock(mutex_);
  Refusals& so_far = refusals_[{kept.who, kept.deed}];
  if (so_far.since <= now_() - kRefusalsPerMs) so_far = {.since = now_()};
  if (so_far.noted >= kRefusalsNoted) return false;
  ++so_far.noted;
  write_audit({audit_draft(kept, so_far.noted == kRefusalsNoted ? std::optional(so_far.since + kRefusalsPerMs) : std::nullopt)});
  return true;
}

Result<std::vector<AuditEntry>> MemoryJournal::audit(std::int64_t from, int limit, const RunId& of) {
  const std::scoped_lock lock(mutex_);
  std::vector<AuditEntry> found;
  for (const AuditEntry& entry : audit_)
    if (entry.no >= from && (of.empty() || entry.run == of) && static_cast<int>(found.size()) < limit) found.push_back(entry);
  return found;
}

Result<AuditHead> MemoryJournal::audit_head() {
  const std::scoped_lock lock(mutex_);
  return audit_.empty() ? AuditHead{} : AuditHead{audit_.back().no, audit_.back().hash};
}

std::uint64_t MemoryJournal::change_no() {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

std::uint64_t MemoryJournal::wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  change_.wait_for(lock, std::move(stop), at_most, [&] { return changes_ != seen; });
  return changes_;
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

Result<Swept> MemoryArtifacts::sweep(const Sweep& sweep) {
  const std::scoped_lock lock(mutex_);
  Swept swept;
  for (auto one = bytes_.begin(); one != bytes_.end();) {
    const bool goes = !sweep.is_kept(one->first);
    if (goes) {
      ++swept.files;
      swept.bytes += std::ssize(one->second);
    }
    one = goes && !sweep.dry ? bytes_.erase(one) : std::next(one);
  }
  return swept;
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
