#include "workflow/audit_check_run.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <span>

#include "base/hash.h"

namespace sluice::workflow_detail {
namespace {

constexpr TimeMs kSameMomentMs = 60'000;  // a row and its entry are written in one transaction, which may wait for its disk
constexpr int kPage = 500;
constexpr int kOriginsMax = 100;  // forks of forks

bool is_decided(ApprovalStatus status) { return status != ApprovalStatus::open && status != ApprovalStatus::voided; }

/// Reads pages until there is nothing more.
template <class Item, class Read>
Result<> read_all(std::vector<Item>& into, const Read& read) {
  for (int n = 0; n < kEventsMax; ++n) {
    TRY(std::vector<Item> page, read(into));
    const bool last = std::ssize(page) < kPage;
    std::move(page.begin(), page.end(), std::back_inserter(into));
    if (last) break;
  }
  return {};
}

}  // namespace

void RunAudit::fault(const AuditEntry& entry, std::string what) { faults_.push_back({entry.no, run_, entry.path, std::move(what)}); }

Result<> RunAudit::read_entries() {
  return read_all(entries_,
                  [this](const std::vector<AuditEntry>& so_far) { return journal_->audit(so_far.empty() ? 1 : so_far.back().no + 1, kPage, run_); });
}

/// False: there is nothing to compare, because the run is gone or cannot be read, which is a fault. Entries come last: what is read before has its
/// own.
Result<bool> RunAudit::read() {
  const auto read = [this]() -> Result<> {
    TRY(info_, journal_->run(run_));
    TRY(events_, journal_->events(run_));
    TRY_VOID(read_all(approvals_, [this](const std::vector<ApprovalInfo>& so_far) {
      ApprovalFilter page{.open_only = false, .run = run_, .limit = kPage};
      if (!so_far.empty()) page.after = so_far.back().id;
      return journal_->approvals(page);
    }));
    return read_entries();
  }();
  if (read) return true;
  if (read.error().kind == ErrorKind::not_found) return false;
  if (read.error().code != "E0202") return read.error();
  faults_.push_back({0, run_, "", "it cannot be read: " + read.error().message});
  return false;
}

void RunAudit::sort_entries() {
  for (const AuditEntry& entry : entries_) {
    if (entry.kind == "intent" || entry.kind == "outcome") {
      if (!by_event_.emplace(entry.body.integer("seq"), &entry).second) fault(entry, "the entry speaks of an event that another entry speaks of");
    } else if (entry.kind == "decision" || entry.kind == "expiry") {
      if (!by_approval_.emplace(entry.body.text("approval_id"), &entry).second) fault(entry, "the entry decides what another entry has decided");
    } else if (entry.kind == "fork") {
      fork_ = &entry;
    } else if (entry.kind == "import") {
      import_ = &entry;
    }
  }
}

Result<> RunAudit::look() {
  TRY(const bool is_there, read());
  if (!is_there) return {};
  sort_entries();
  check_origin();
  check_brought_in();
  TRY_VOID(check_against_origins());
  for (const EventInfo& event : events_) check_event(event);
  for (const ApprovalInfo& approval : approvals_) check_approval(approval);
  check_spending();
  return check_leftovers();
}

Result<> RunAudit::look_at_homeless(const ApprovalInfo& approval) {
  TRY_VOID(read_entries());
  sort_entries();
  check_approval(approval);
  approvals_ = {approval};
  check_spending(approval.id);
  return {};
}

/// A fork begins with events, and a copy consists of them, that another run's entries speak of. So the chain has to say that it is one.
void RunAudit::check_origin() {
  const auto no_of = [](const AuditEntry* entry) { return entry != nullptr ? entry->no : 0; };
  if (info_.imported.empty() != (import_ == nullptr))
    faults_.push_back({no_of(import_), run_, "", "the journal and the chain disagree on whether the run is a copy from another journal"});
  else if (import_ == nullptr && info_.forked_from.empty() != (fork_ == nullptr))
    faults_.push_back({no_of(fork_), run_, "", "the journal and the chain disagree on whether the run is a fork"});
  if (fork_ != nullptr && (fork_->body.text("from") != info_.forked_from.text || fork_->body.integer("seq") != info_.forked_seq))
    fault(*fork_, "the run is not forked from where the entry says");
}

/// How many of its events come from elsewhere.
std::int64_t RunAudit::brought_in() const {
  if (import_ != nullptr) return import_->body.integer("events");
  return fork_ != nullptr ? fork_->body.integer("seq") : 0;
}

void RunAudit::check_brought_in() {
  if (beginning() == nullptr || beginning()->body.text("hash").empty()) return;
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(brought_in(), 0, kEventsMax));
  const bool as_many = import_ != nullptr ? events_.size() == count : events_.size() >= count;
  if (!as_many || hash_of(std::span(events_).first(count)) != beginning()->body.text("hash"))
    fault(*beginning(), "the " + std::to_string(count) + " events that the run began with were changed, or some were added or deleted");
  const auto* approvals = beginning()->body["approvals"].as_object();
  if (approvals == nullptr) return;
  for (const auto& [id, hash] : *approvals)
    if (std::ranges::none_of(approvals_, [&](const ApprovalInfo& there) { return there.id.text == id; }))
      fault(*beginning(), "approval " + id + ", which the copy brought, was deleted");
}

/// What a fork has kept is what the entries of the run that it comes from speak of, also where that run was changed before it was forked and is gone
/// by now.
Result<> RunAudit::check_against_origins() {
  Json fork = fork_ != nullptr && import_ == nullptr ? fork_->body : Json();
  std::int64_t kept = brought_in();
  for (int n = 0; n < kOriginsMax && !fork.text("hash").empty(); ++n) {
    RunAudit origin(*journal_, {std::string(fork.text("from"))});
    TRY_VOID(origin.read_entries());
    kept = std::min(kept, fork.integer("seq") - (fork.flag("set") ? 1 : 0));
    fork = Json();
    for (const AuditEntry& entry : origin.entries_) {
      if (entry.kind == "fork") fork = entry.body;
      if (entry.kind != "intent" && entry.kind != "outcome") continue;
      const std::int64_t seq = entry.body.integer("seq");
      if (seq < 1 || seq > kept || seq > std::ssize(events_)) continue;
      if (sha256_hex(events_[static_cast<std::size_t>(seq - 1)].body.dump()) != entry.body.text("event_hash"))
        fault(entry, "event " + std::to_string(seq) + " is not the one that run " + entry.run.text + " had, from which it comes");
    }
  }
  return {};
}

/// What the run took a decision for is what was decided.
void RunAudit::check_decided(const EventInfo& event) {
  const auto place = by_approval_.find(std::string(event.body.text("approval_id")));
  if (place == by_approval_.end() || event.seq <= brought_in()) return;  // said with its approval, or with all that the run began with
  const Json& then = place->second->body;
  bool same = event.path == place->second->path && event.body.text("decided_by") == then.text("by");
  for (const char* name : {"status", "feedback", "edited", "reason"}) same = same && event.body.text(name) == then.text(name);
  if (!same) fault(*place->second, "event " + std::to_string(event.seq) + " says something else of what was decided");
}

void RunAudit::check_event(const EventInfo& event) {
  if (event.type == EventType::approval_decided) return check_decided(event);
  const std::string_view kind = audit_kind(event.type, event.try_no, event.body);
  const auto place = by_event_.find(event.seq);
  if (place == by_event_.end()) {
    const bool of_another = event.seq <= brought_in();
    if (of_another && !beginning()->body.text("hash").empty()) return;  // with all of them
    if (!kind.empty())
      uncovered_.push_back({run_, event.path, "the " + std::string(kind) + " at event " + std::to_string(event.seq), event.at, false, of_another});
    return;
  }
  const AuditEntry& entry = *place->second;
  met_.insert(entry.no);
  const bool same = entry.kind == kind && entry.path == event.path && entry.body.integer("try") == event.try_no &&
                    entry.body.text("event_hash") == sha256_hex(event.body.dump());
  if (!same) fault(entry, "event " + std::to_string(event.seq) + " is not the one that the entry speaks of: it was edited, or put in its place");
}

void RunAudit::check_approval(const ApprovalInfo& approval) {
  const auto place = by_approval_.find(approval.id.text);
  if (place != by_approval_.end()) {
    met_.insert(place->second->no);
    return check_decision(approval, *place->second);
  }
  if (import_ != nullptr && import_->body["approvals"].as_object() != nullptr) return check_brought(approval);
  const bool was_decided = is_decided(approval.status) || approval.spent_seq;
  if (!was_decided) return;
  uncovered_.push_back({run_, approval.path, "approval " + approval.id.text + " (" + std::string(enum_name(approval.status)) + ")",
                        approval.decided_at.value_or(approval.due_at.value_or(approval.created_at)), true, import_ != nullptr});
}

void RunAudit::check_brought(const ApprovalInfo& approval) {
  const std::string_view then = import_->body["approvals"].text(approval.id.text);
  if (then.empty())
    fault(*import_, "approval " + approval.id.text + " was not among those that the copy brought");
  else if (then != hash_of(approval))
    fault(*import_, "approval " + approval.id.text + ", which the copy brought, was changed");
}

void RunAudit::check_decision(const ApprovalInfo& approval, const AuditEntry& entry) {
  const Json& body = entry.body;
  const auto differs = [&](const char* what, std::string_view now, std::string_view then) {
    if (now == then) return;
    fault(entry, "approval " + approval.id.text + " was changed after it: its " + what + " is \"" + std::string(now) + "\", and was \"" +
                     std::string(then) + "\"");
  };
  differs("status", enum_name(approval.status), body.text("status"));
  differs("decider", approval.decided_by, body.text("by"));
  differs("subject's hash", approval.subject_hash, body.text("subject_hash"));
  differs("feedback", approval.feedback, body.text("feedback"));
  differs("edited text", approval.edited, body.text("edited"));
  differs("reason", approval.reason, body.text("reason"));
  differs("step", approval.path, entry.path);
  if (approval.run_id != entry.run) fault(entry, "approval " + approval.id.text + " was given to another run");
  if (approval.subject_hash == body.text("subject_hash") && sha256_hex(approval.subject.dump()) != approval.subject_hash)
    fault(entry, "what approval " + approval.id.text + " is about was changed after it");
  if (approval.decided_at && std::abs(*approval.decided_at - entry.at) > kSameMomentMs)
    fault(entry, "approval " + approval.id.text + " was decided at another time than it says");
}

/// A yes is spent by the intent that names it, and by no other. Of one approval, or of all that there are.
void RunAudit::check_spending(const ApprovalId& of) {
  std::map<std::string, const AuditEntry*> spent;
  for (const AuditEntry& entry : entries_) {
    const std::string id(entry.kind == "intent" ? entry.body.text("approval_id") : "");
    if (id.empty() || (!of.empty() && id != of.text)) continue;
    if (!spent.emplace(id, &entry).second) fault(entry, "approval " + id + " is spent twice");
    const auto decision = by_approval_.find(id);
    if (decision != by_approval_.end() && decision->second->body.text("status") != "approved")
      fault(entry, "approval " + id + " is spent, and was not given");
    if (decision != by_approval_.end() && decision->second->no > entry.no) fault(entry, "approval " + id + " is spent before it was given");
  }
  for (const ApprovalInfo& approval : approvals_) {
    const auto place = spent.find(approval.id.text);
    const auto decision = by_approval_.find(approval.id.text);
    if (place != spent.end() && approval.spent_seq != place->second->body.integer("seq"))
      fault(*place->second, "approval " + approval.id.text + " does not say that the event spent it");
    if (place == spent.end() && approval.spent_seq && decision != by_approval_.end())
      fault(*decision->second,
            "approval " + approval.id.text + " says that event " + std::to_string(*approval.spent_seq) + " spent it, and no entry does");
  }
}

/// Entries whose event or approval is not there. The run may have gone on since it was read.
Result<> RunAudit::check_leftovers() {
  if (std::ssize(events_) < info_.head_seq)
    faults_.push_back({0, run_, "", "its events from " + std::to_string(events_.size() + 1) + " on were deleted"});
  for (const AuditEntry& entry : entries_) {
    if (met_.contains(entry.no)) continue;
    const std::string approval(entry.body.text("approval_id"));
    if (entry.kind == "intent" || entry.kind == "outcome") {
      if (by_event_.at(entry.body.integer("seq")) != &entry) continue;  // said already
      const auto now = journal_->run(run_);
      if (!now) return now.error().kind == ErrorKind::not_found ? Result<>() : now.error();
      if (entry.body.integer("seq") <= info_.head_seq || entry.body.integer("seq") > now->head_seq)
        fault(entry, "event " + std::to_string(entry.body.integer("seq")) + ", which the entry speaks of, was deleted");
    } else if (entry.kind == "decision" || entry.kind == "expiry") {
      if (by_approval_.at(approval) == &entry) fault(entry, "approval " + approval + ", which the entry speaks of, was deleted");
    }
  }
  return {};
}

}  // namespace sluice::workflow_detail
