#include "workflow/run.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "workflow/workflow_errors.h"

namespace sluice::workflow_detail {
namespace {

constexpr std::int64_t kEventsKept = 1'000;     // of the most that a run can have: to pause, resume and end it
constexpr std::size_t kSubjectMax = 1'000'000;  // bytes of an approval's subject: a person is to read it

Json decided_body(const ApprovalInfo& approval) {
  Json body = Json::object();
  body.set("approval_id", approval.id.text).set("status", enum_name(approval.status)).set("decided_by", approval.decided_by);
  if (!approval.feedback.empty()) body.set("feedback", approval.feedback);
  if (!approval.edited.empty()) body.set("edited", approval.edited);
  if (!approval.reason.empty()) body.set("reason", approval.reason);
  return body;
}

RawDecision decision_of(const Json& decided) {
  const std::string_view status = decided.text("status");
  return {.approved = status == "approved",
          .refine = status == "refined",
          .expired = status == "expired",
          .id = std::string(decided.text("approval_id")),
          .feedback = std::string(decided.text("feedback")),
          .edited = std::string(decided.text("edited")),
          .decided_by = std::string(decided.text("decided_by")),
          .reason = std::string(decided.text("reason"))};
}

}  // namespace

std::string approval_id_of(const RunId& run, const std::string& path, const std::string& subject_hash) {
  constexpr std::size_t kIdDigits = 20;
  return "a-" + sha256_hex(run.text + '\n' + path + '\n' + subject_hash).substr(0, kIdDigits);
}

void Run::suspend(Stop::Why why, Error error) {
  stop_ = Stop{why, std::move(error), {}};
  throw Suspension{};  // NOLINT(bugprone-std-exception-baseclass): see its declaration
}

void Run::come_to_the_end_of_what_is_recorded(const std::string& path) {
  if (!execution_.dry) return;
  stop_ = Stop{Stop::Why::ahead, {}, path};
  throw Suspension{};  // NOLINT(bugprone-std-exception-baseclass)
}

void Run::drift(const std::string& path, const std::string& what) { suspend(Stop::Why::paused, drifted(info_.id, path, what)); }

void Run::park(Parking parking) {
  // What only a person can answer does not end by time.
  if (info_.deadline_at && parking.status != RunStatus::unknown)
    parking.wake_at = std::min(parking.wake_at.value_or(*info_.deadline_at), *info_.deadline_at);
  if (due_at_ && parking.status != RunStatus::unknown && !parking.carried_through)
    parking.wake_at = std::min(parking.wake_at.value_or(*due_at_), *due_at_);
  if (!lane_.empty()) {  // the run is given away once all branches have come to this
    if (!pending_.empty() || !parking.events.empty())
      must_append({.events = std::move(parking.events), .approvals = std::move(parking.approvals), .children = std::move(parking.children)});
    parking_ = std::move(parking);
    suspend(Stop::Why::parked);
  }
  Transition away{.to = parking.status, .reason = std::move(parking.reason), .wake_at = parking.wake_at, .wake_no_seen = info_.wake_no};
  auto answer = append({.events = std::move(parking.events),
                        .approvals = std::move(parking.approvals),
                        .children = std::move(parking.children),
                        .transition = std::move(away)});
  if (!answer) suspend(Stop::Why::lost, std::move(answer).error());
  suspend(answer->woken ? Stop::Why::woken : Stop::Why::parked);
}

/// Once the run may be in another process's hands, nothing outside is begun: that process may be at it.
void Run::check_lease() {
  if (interrupt_.lost()) suspend(Stop::Why::lost, lease_lost(info_.id));
}

void Run::check_interrupt() {
  check_lease();
  if (interrupt_.source.stop_requested()) suspend(interrupt_.cancelled ? Stop::Why::cancelled : Stop::Why::released);
}

bool Run::is_late() const { return info_.deadline_at && ports_.journal.now() >= *info_.deadline_at; }

void Run::check_stop() {
  check_interrupt();
  if (is_late()) suspend(Stop::Why::expired, deadline_passed(info_.id, *info_.deadline_at));
}

/// A branch that did not make its deadline appends nothing any more. Not asked while an effect may have happened.
void Run::check_due() {
  if (due_at_ && ports_.journal.now() >= *due_at_) suspend(Stop::Why::late);
}

/// A branch that is given up takes its question along: from the same time on the journal takes no answer to it, and here it is open no more.
void Run::check_due(const ApprovalId& asked, Parking again) {
  if (!due_at_ || ports_.journal.now() < *due_at_) return;
  auto approval = ports_.journal.expire(asked);
  if (!approval) suspend(Stop::Why::lost, std::move(approval).error());
  if (approval->status == ApprovalStatus::open && approval->due_at) {  // not yet, by the clock of that transaction
    again.wake_at = approval->due_at;
    park(std::move(again));
  }
  check_due();
}

/// What is recorded under the path; nullptr: nothing.
Record* Run::look_up(const std::string& path, RecordKind kind) {
  // Where somebody swallowed it, nothing happens in this execution any more.
  if (stop_) throw Suspension{};  // NOLINT(bugprone-std-exception-baseclass)
  Record* record = history_.find(path);
  bool is_new = false;
  {
    const std::scoped_lock lock(execution_.looking);
    is_new = execution_.used.insert(path).second;
    if (record != nullptr && record->kind == kind) history_.visit(*record);
  }
  if (!is_new) suspend(Stop::Why::paused, name_used_twice(info_.id, path));
  if (record != nullptr && record->kind != kind) drift(path, "the history has another kind of entry under this name");
  return record;
}

void Run::visit(Record& record) {
  const std::scoped_lock lock(execution_.looking);
  history_.visit(record);
}

bool Run::all_visited() const {
  const std::scoped_lock lock(execution_.looking);
  return history_.all_visited(lane_);
}

std::string Run::first_unvisited() const {
  const std::scoped_lock lock(execution_.looking);
  return history_.first_unvisited(lane_);
}

bool Run::has_been_passed() const { return !over_.empty() || !all_visited(); }

std::string Run::what_comes_next() const {
  const std::string path = first_unvisited();
  return path.empty() ? "what comes after the branches of \"" + over_ + "\"" : "\"" + path + "\"";
}

Record* Run::arrive(const std::string& path, RecordKind kind) {
  Record* record = look_up(path, kind);
  if (record != nullptr) return record;
  if (has_been_passed()) drift(path, "the history goes on with " + what_comes_next() + ", the workflow with \"" + path + "\"");
  come_to_the_end_of_what_is_recorded(path);
  return nullptr;
}

void Run::end_of_lane() {
  if (!all_visited()) drift(first_unvisited(), "the history has this entry, the workflow ended without coming to it");
}

void Run::finish(const Result<Json>& outcome) {
  if (stop_) return;
  end_of_lane();
  if (execution_.dry) return;
  NewEvent last{.type = outcome ? EventType::finished : EventType::failed, .body = Json::object()};
  if (outcome) {
    store(last.body, "output", "artifact", *outcome);
  } else {
    last.body.set("error", encode(outcome.error()));
  }
  pending_.push_back(std::move(last));
}

Result<Appended> Run::append(Writing writing) {
  CHECK(!execution_.dry);
  if (!writing.outcome && interrupt_.lost()) return lease_lost(info_.id);
  const std::scoped_lock lock(execution_.writing);
  const std::int64_t head = info_.head_seq + std::ssize(pending_) + std::ssize(writing.events);
  if (!writing.outcome && !writing.transition && head > kEventsMax - kEventsKept) return too_many_events(info_.id);
  Append all{.run = info_.id, .epoch = info_.epoch, .head_seq = info_.head_seq};
  all.events = std::move(pending_);
  pending_.clear();
  std::move(writing.events.begin(), writing.events.end(), std::back_inserter(all.events));
  all.approvals = std::move(writing.approvals);
  all.spend = std::move(writing.spend);
  all.children = std::move(writing.children);
  all.taken = std::move(writing.taken);
  all.transition = std::move(writing.transition);
  auto answer = execution_.forms.append(ports_.journal, all);
  if (answer) {
    info_.head_seq = answer->head_seq;
  } else if (all.spend && answer.error().code == "E0113") {
    pending_.assign(all.events.begin(), all.events.end() - 1);  // all but the intent, which the caller drops
  }
  return answer;
}

void Run::must_append(Writing writing) {
  auto answer = append(std::move(writing));
  if (!answer) suspend_unwritten(std::move(answer).error());
}

void Run::suspend_unwritten(Error error) {
  const bool is_full = error.code == "E0141";
  suspend(is_full ? Stop::Why::paused : Stop::Why::lost, std::move(error));
}

void Run::flush() {
  if (!pending_.empty()) must_append({});
}

Result<Appended> Run::leave(std::optional<NewEvent> last, RunStatus to, const std::string& reason) {
  Writing writing{.transition = Transition{.to = to, .reason = reason, .wake_at = {}, .wake_no_seen = info_.wake_no}};
  if (last) writing.events.push_back(std::move(*last));
  return append(std::move(writing));
}

Result<> Run::keep() {
  if (!pending_.empty()) TRY_VOID(append({}));
  return {};
}

Json Run::decided(const std::string& path, const Record& record, Parking again) {
  if (record.closed) return *record.closed;
  const ApprovalId id{std::string(record.opened.text("approval_id"))};
  auto approval = ports_.journal.approval(id);
  if (!approval) suspend(Stop::Why::lost, std::move(approval).error());
  if (approval->status == ApprovalStatus::open && approval->due_at && *approval->due_at <= ports_.journal.now()) approval = ports_.journal.expire(id);
  if (!approval) suspend(Stop::Why::lost, std::move(approval).error());
  if (approval->status == ApprovalStatus::open) {
    again.wake_at = approval->due_at;
    park(std::move(again));
  }
  Json body = decided_body(*approval);
  must_append({.events = {{.type = EventType::approval_decided, .path = path, .in_hash = record.in_hash, .body = body}}});
  return body;
}

Result<RawDecision> Run::wait_for_approval(const std::string& path, Json subject, const ApprovalRequest& request) {
  const std::string bytes = subject.dump();
  if (bytes.size() > kSubjectMax) return too_large("what \"" + path + "\" asks approval for", bytes.size(), kSubjectMax);
  const std::string hash = sha256_hex(bytes);
  Record* record = arrive(path, RecordKind::approval);
  if (record != nullptr && record->in_hash != hash) {
    auto asked = ports_.journal.approval(ApprovalId{std::string(record->opened.text("approval_id"))});
    drift(path, "what is to be approved differs: " + (asked ? difference(asked->subject, subject) : asked.error().message));
  }
  if (record != nullptr && record->closed) return decision_of(*record->closed);
  come_to_the_end_of_what_is_recorded(path);
  check_stop();
  const ApprovalId id{approval_id_of(info_.id, path, hash)};
  Parking waiting{.reason = "waits for approval " + id.text};
  record != nullptr ? check_due(id, waiting) : check_due();
  if (record != nullptr) return decision_of(decided(path, *record, std::move(waiting)));

  NewApproval row{.id = id, .path = path, .subject_hash = hash, .subject = std::move(subject), .card = request.card, .policy = request.policy};
  Json opened = Json::object();
  opened.set("approval_id", id.text).set("policy", request.policy);
  if (request.automatic) {
    ApprovalInfo made{.id = id, .status = request.automatic->approve ? ApprovalStatus::approved : ApprovalStatus::rejected};
    made.decided_by = row.decided_by = "policy: " + request.automatic->by;
    row.status = made.status;
    Json body = decided_body(made);
    must_append({.events = {{.type = EventType::approval_requested, .path = path, .in_hash = hash, .body = std::move(opened)},
                            {.type = EventType::approval_decided, .path = path, .in_hash = hash, .body = body}},
                 .approvals = {std::move(row)}});
    return decision_of(body);
  }
  row.due_at = due_at_;
  if (request.timeout.count() > 0) {
    const TimeMs due = ports_.journal.now() + request.timeout.count();
    row.due_at = std::min(due, due_at_.value_or(due));
  }
  if (row.due_at) opened.set("due_at", *row.due_at);
  tell(StepProgress::Phase::waiting, path);
  waiting.wake_at = row.due_at;
  waiting.events.push_back({.type = EventType::approval_requested, .path = path, .in_hash = hash, .body = std::move(opened)});
  waiting.approvals.push_back(std::move(row));
  park(std::move(waiting));
}

void Run::sleep(const std::string& path, std::chrono::milliseconds duration) {
  const Record* record = arrive(path, RecordKind::timer);
  if (record != nullptr && has_been_passed()) return;
  const TimeMs now = ports_.journal.now();
  const TimeMs due = record != nullptr ? record->opened.integer("due_at") : now + duration.count();
  if (record != nullptr && now >= due) return;
  come_to_the_end_of_what_is_recorded(path);
  check_stop();
  check_due();
  Parking waiting{.wake_at = due, .reason = "sleeps"};
  if (record == nullptr) waiting.events.push_back({.type = EventType::timer_set, .path = path, .body = Json::object().set("due_at", due)});
  park(std::move(waiting));
}

std::int64_t Run::now_ms(const std::string& path) {
  if (const Record* record = arrive(path, RecordKind::value)) return record->closed->integer("value");
  const TimeMs now = ports_.journal.now();
  pending_.push_back({.type = EventType::value_recorded, .path = path, .body = Json::object().set("value", now)});
  return now;
}

int Run::version(const std::string& path, int current) {
  if (const Record* record = look_up(path, RecordKind::version)) return static_cast<int>(record->closed->integer("version"));
  if (has_been_passed()) return 0;
  come_to_the_end_of_what_is_recorded(path);
  pending_.push_back({.type = EventType::version_marked, .path = path, .body = Json::object().set("version", std::int64_t{current})});
  return current;
}

void Run::tell(StepProgress::Phase phase, const std::string& path, int attempt, const std::string& why) const {
  if (!execution_.drive.on_step) return;
  const std::scoped_lock lock(execution_.telling);
  execution_.drive.on_step({phase, path, attempt, why});
}

}  // namespace sluice::workflow_detail
