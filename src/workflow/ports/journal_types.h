#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "base/json.h"
#include "workflow/ports/ids.h"

namespace sluice {

/// Milliseconds since 1970 by the journal's (database's) clock.
using TimeMs = std::int64_t;

enum class RunStatus : std::uint8_t {
  ready,      ///< may be claimed
  running,    ///< owned by a node
  parked,     ///< waits for a decision, a message or a time
  paused,     ///< drift, or no progress: waits for `runs resume`
  unknown,    ///< an effect may or may not have happened; waits for a person
  done,       ///< the workflow returned a value
  failed,     ///< the workflow returned an error
  cancelled,  ///< somebody cancelled it
};
template <>
struct EnumNames<RunStatus> {
  static constexpr std::array<std::pair<RunStatus, std::string_view>, 8> names{{{RunStatus::ready, "ready"},
                                                                                {RunStatus::running, "running"},
                                                                                {RunStatus::parked, "parked"},
                                                                                {RunStatus::paused, "paused"},
                                                                                {RunStatus::unknown, "unknown"},
                                                                                {RunStatus::done, "done"},
                                                                                {RunStatus::failed, "failed"},
                                                                                {RunStatus::cancelled, "cancelled"}}};
};
constexpr bool is_final(RunStatus status) { return status >= RunStatus::done; }

/// Where a run waits for a worker, and in which order.
struct Place {
  std::string tenant{};          ///< whose it is: limits and dedup_keys are a tenant's own
  std::string queue{"default"};  ///< workers serve queues by name
  int priority = 0;              ///< the lower number goes first; within one, the older run
};

struct RunInfo {
  RunId id{};
  std::string name{}, code_version{}, dedup_key{};
  Place place{};
  RunId root{};                 ///< the run that nobody is the parent of; itself where it has no parent
  RunId parent{};               ///< "" where it has none
  std::string parent_path{};    ///< of the step of the parent that waits for it
  RunId forked_from{};          ///< "" where it is no fork
  std::int64_t forked_seq = 0;  ///< the last event that it has in common with that run
  std::string imported{};       ///< not empty: a copy of another journal's run, to look at and to fork; nobody executes it
  RunStatus status = RunStatus::ready;
  std::string reason{};  ///< why it is paused, unknown, failed or cancelled, for people
  Json labels{};         ///< what the starter wants to find it by; shown in lists
  TimeMs created_at = 0, updated_at = 0;
  std::optional<TimeMs> wake_at{};      ///< parked: due at this time at the latest
  std::optional<TimeMs> deadline_at{};  ///< the run fails when it is not finished by then
  std::int64_t wake_no = 0;             ///< raised by every decision and message
  std::int64_t parked_no = 0;           ///< wake_no when it was parked: due as soon as they differ
  std::int64_t head_seq = 0;            ///< number of its newest event
  std::int64_t epoch = 0;               ///< raised by every claim; an older one cannot append
  int idle_claims = 0;                  ///< claims since the last append or orderly release
  NodeId owner{};                       ///< while running
  bool owner_dead = false;              ///< while running: its owner's lease has ended or the owner is provably dead

  /// Whether a claim makes sense now.
  bool is_due(TimeMs now) const {
    if (status == RunStatus::ready || (status == RunStatus::running && owner_dead)) return true;
    if (status != RunStatus::parked && status != RunStatus::unknown && status != RunStatus::paused) return false;
    return wake_no != parked_no || (wake_at && *wake_at <= now);
  }
};

/// Numbers are part of the journal's format: never reuse one.
enum class EventType : std::int16_t {
  run_started = 1,          ///< {input}
  step_started = 2,         ///< an intent: {effect, input, key, approval_id?}
  step_attempt_failed = 3,  ///< {error, attempt, next_at, known_failed}
  step_completed = 4,       ///< {effect, input?, value | error | artifact, attempts, started_at, proposes?, note?}
  approval_requested = 5,   ///< {approval_id, due_at?, policy}
  approval_decided = 6,     ///< {approval_id, status, decided_by, feedback?, edited?, reason?}
  timer_set = 7,            ///< {due_at}
  value_recorded = 8,       ///< {value}
  version_marked = 9,       ///< {version}
  signal_received = 10,     ///< {msg_id, sender, body}
  child_started = 11,       ///< {child_id, workflow, version}
  child_ended = 12,         ///< {output | error | artifact}
  branches_opened = 13,     ///< {due_at}
  branches_joined = 14,     ///< {made: [name, …]}
  drift = 20,               ///< {error}
  paused = 21,              ///< {error}
  cancelled = 30,           ///< {by, reason}
  finished = 31,            ///< {output}
  failed = 32,              ///< {error}
};
template <>
struct EnumNames<EventType> {
  static constexpr std::array<std::pair<EventType, std::string_view>, 19> names{{{EventType::run_started, "run started"},
                                                                                 {EventType::step_started, "step started"},
                                                                                 {EventType::step_attempt_failed, "step attempt failed"},
                                                                                 {EventType::step_completed, "step completed"},
                                                                                 {EventType::approval_requested, "approval requested"},
                                                                                 {EventType::approval_decided, "approval decided"},
                                                                                 {EventType::timer_set, "timer set"},
                                                                                 {EventType::value_recorded, "value recorded"},
                                                                                 {EventType::version_marked, "version marked"},
                                                                                 {EventType::signal_received, "signal received"},
                                                                                 {EventType::child_started, "child started"},
                                                                                 {EventType::child_ended, "child ended"},
                                                                                 {EventType::branches_opened, "branches opened"},
                                                                                 {EventType::branches_joined, "branches joined"},
                                                                                 {EventType::drift, "drift"},
                                                                                 {EventType::paused, "paused"},
                                                                                 {EventType::cancelled, "cancelled"},
                                                                                 {EventType::finished, "finished"},
                                                                                 {EventType::failed, "failed"}}};
};

struct NewEvent {
  EventType type{};
  std::string path{};  ///< of the step, wait or timer; empty for events of the run itself
  int try_no = 0;
  std::string in_hash{};  ///< SHA-256 of the declared input's canonical bytes
  Json body{};
};

/// The form of events' bodies that this program writes; a body of form 1 does not say so, later ones do (`schema_v`). Who reads what is in them
/// brings them to this form first: see EventForms.
constexpr int kEventSchema = 1;

struct EventInfo {
  std::int64_t seq = 0, epoch = 0;
  EventType type{};
  std::string path{};
  int try_no = 0;
  std::string in_hash{};
  Json body{};
  TimeMs at = 0;
  int schema_v = 1;  ///< of a body that does not say so
};

inline int schema_of(const Json& body) { return static_cast<int>(body.integer("schema_v", 1)); }
/// Says in the body which form it has. Form 1 goes without saying.
inline void stamp(Json& body, int schema_v) {
  if (schema_v > 1) body.set("schema_v", std::int64_t{schema_v});
}

enum class ApprovalStatus : std::uint8_t { open, approved, refined, rejected, expired, voided };
template <>
struct EnumNames<ApprovalStatus> {
  static constexpr std::array<std::pair<ApprovalStatus, std::string_view>, 6> names{{{ApprovalStatus::open, "open"},
                                                                                     {ApprovalStatus::approved, "approved"},
                                                                                     {ApprovalStatus::refined, "refined"},
                                                                                     {ApprovalStatus::rejected, "rejected"},
                                                                                     {ApprovalStatus::expired, "expired"},
                                                                                     {ApprovalStatus::voided, "void"}}};
};

struct ApprovalInfo {
  ApprovalId id{};
  RunId run_id{};
  std::string path{};          ///< of the wait in the run
  std::string subject_hash{};  ///< SHA-256 of the subject's canonical bytes
  Json subject{};              ///< exactly what a yes would carry out
  Json card{};                 ///< what the person is shown
  std::string policy{};
  std::optional<TimeMs> due_at{};
  ApprovalStatus status = ApprovalStatus::open;
  std::string decided_by{}, feedback{}, edited{}, reason{};
  TimeMs created_at = 0;
  std::optional<TimeMs> decided_at{};
  std::optional<std::int64_t> spent_seq{};  ///< the intent (an event of the same run) that spent it
};

enum class DecisionAction : std::uint8_t { approve, refine, reject };
template <>
struct EnumNames<DecisionAction> {
  static constexpr std::array<std::pair<DecisionAction, std::string_view>, 3> names{
      {{DecisionAction::approve, "approve"}, {DecisionAction::refine, "refine"}, {DecisionAction::reject, "reject"}}};
};

struct DecisionInput {
  DecisionAction action{};
  std::string feedback{};  ///< refine: what should be different
  std::string edited{};    ///< refine: the person's own text in place of the proposed one
  std::string reason{};
  std::string decided_by{};
  std::string expected_subject_hash{};  ///< where given: refused unless the approval is for this subject
};

struct NewRun {
  RunId id{};
  std::string name{}, code_version{};
  std::string dedup_key{};  ///< a second run of the tenant with the same key is not created
  Json labels{}, input{};
  std::optional<TimeMs> deadline_at{};
  NodeId claim_by{};  ///< where given, the run is created in this node's hands: one transaction instead of two
  Place place{};
  int schema_v = kEventSchema;  ///< of its first event
};
/// A run that another one starts and waits for. Its id is made from the parent's and the path, so that it is inserted once.
struct NewChild {
  RunId id{};
  std::string path{};  ///< of the step that starts it
  std::string name{}, code_version{};
  Json labels{}, input{};
  int schema_v = kEventSchema;  ///< of its first event
};
/// The body of a run's first event. Journals compare inputs by it, so `input` keeps its name in every form.
inline Json started_body(const NewRun& run) {
  Json body = Json::object().set("input", run.input);
  stamp(body, run.schema_v);
  return body;
}
struct CreatedRun {
  RunInfo run{};
  bool existed = false;  ///< the dedup_key was there already; `run` is that run
};

struct NewApproval {
  ApprovalId id{};
  std::string path{}, subject_hash{};
  Json subject{}, card{};
  std::string policy{};
  std::optional<TimeMs> due_at{};
  /// `open`, or a decision that a policy made at once.
  ApprovalStatus status = ApprovalStatus::open;
  std::string decided_by{};
};
/// Uses up an approval, together with the intent in the same append.
struct Spend {
  ApprovalId id{};
  std::string subject_hash{};
};
/// The owner gives the run away: for a while (parked, unknown, paused, ready) or for good.
struct Transition {
  RunStatus to{};
  std::string reason{};
  std::optional<TimeMs> wake_at{};
  std::int64_t wake_no_seen = 0;
};
struct Append {
  RunId run{};
  std::int64_t epoch = 0, head_seq = 0;
  std::vector<NewEvent> events{};
  std::vector<NewApproval> approvals{};
  std::optional<Spend> spend{};
  std::vector<NewChild> children{};  ///< inserted `ready`, in the parent's queue; those that are there already are left alone
  std::vector<std::string> taken{};  ///< ids of messages that these events record: they leave the inbox
  std::optional<Transition> transition{};
};
struct Appended {
  std::int64_t head_seq = 0;
  bool woken = false;  ///< something arrived meanwhile: the events are written, but the run was not parked and is still owned
};

struct NewMessage {
  std::string id{};  ///< of the sender's choice: the same one twice is one message
  std::string topic{}, sender{};
  Json body{};
};
struct Message {
  std::string id{}, topic{}, sender{};
  Json body{};
  TimeMs at = 0;
};

/// What somebody may see of the runs, and so of their approvals: by the connection that a run is about, which is its label, and by its workflow.
struct Sight {
  bool all = true;
  std::vector<std::pair<std::string, std::string>> of{};  ///< without `all` only these: {connection, workflow}; "" is every one that there is

  bool covers(std::string_view connection, std::string_view workflow) const {
    const auto is = [](const std::string& granted, std::string_view there) { return granted.empty() || granted == there; };
    return all || std::any_of(of.begin(), of.end(), [&](const auto& one) { return is(one.first, connection) && is(one.second, workflow); });
  }
};

/// All that is given has to be so.
struct RunFilter {
  std::optional<RunStatus> status{};
  int limit = 50;  ///< at most kListMax
  RunId before{};  ///< cursor: only runs older than this one
  std::string name{}, queue{};
  std::optional<std::string> tenant{};
  std::string connection{};  ///< the label
  std::string text{};        ///< part of the label "text", large and small letters alike (those of ASCII)
  std::optional<TimeMs> created_from{}, created_before{};
  RunId parent{};
  bool roots_only = false;  ///< no children
  std::string dedup_key{};
  Sight sight{};  ///< of whoever wants to know: nothing of other runs shows in what is found, and in how much that is
};

/// How many runs of a queue may be in workers' hands, and how fast they may begin; 0: as many as there are.
struct QueueLimits {
  std::string queue{"default"};
  int running_max = 0, tenant_running_max = 0;
  int starts_max = 0;        ///< runs that begin (their first claim) within…
  TimeMs starts_per_ms = 0;  ///< …this time
};
/// What a worker can take.
struct ClaimDue {
  NodeId node{};
  std::vector<QueueLimits> queues{};                            ///< only these, in this order
  std::vector<std::pair<std::string, std::string>> versions{};  ///< only runs of these workflows in these versions
  int limit = 1;                                                ///< at most kClaimsMax
};

/// A new run that begins with what another one has recorded.
struct NewFork {
  RunId id{}, from{};
  std::int64_t keep_seq = 1;       ///< its events up to this one, which has to be there
  std::optional<NewEvent> last{};  ///< stands in the place of event keep_seq
  Json labels{};
  std::string by{};
  std::string dedup_key{};  ///< a second fork of the tenant with the same key is not created
};

/// A run as it leaves a journal and comes into another.
struct RunCopy {
  RunInfo run{};
  std::vector<EventInfo> events{};
  std::vector<ApprovalInfo> approvals{};
};
/// A label says what whoever made the copy wanted; the input is what would be carried out. By the label people find runs, and may see them.
inline void label_as_recorded(RunCopy& copy) {
  const Json* input = copy.events.empty() ? nullptr : copy.events.front().body.find("input");
  if (input != nullptr && input->as_object() != nullptr) copy.run.labels.set("connection", std::string(input->text("connection")));
}

struct PruneLimits {
  TimeMs ended_before = 0;      ///< runs that ended before this; a child goes with its root
  TimeMs approvals_before = 0;  ///< approvals of such runs, and of those that are gone already, that were decided before this
  int runs_max = 1000;          ///< at once, without their children; also how many approvals of runs that are gone
  bool dry = false;             ///< only count
};
struct Pruned {
  std::int64_t events = 0;
  std::vector<RunId> runs{};  ///< with the children
  std::vector<ApprovalId> approvals{};
  bool more = false;  ///< there are more than runs_max
};

/// How many runs of a queue stand there.
struct RunCount {
  std::string queue{};
  RunStatus status{};
  std::int64_t runs = 0;
};

/// Something that somebody wanted to do and may not. Texts are kept as far as kRefusalTextMax, with hidden characters shown.
struct NewRefusal {
  std::string who{};  ///< "" for whoever did not show who they are: all of them together are one
  std::string deed{}, connection{}, workflow{};
  RunId run{};
  ApprovalId approval{};
  std::string why{};
};
constexpr std::size_t kRefusalTextMax = 200;  // bytes
/// So many refusals of one who and deed are noted within this time. What comes on top leaves no entry: the last one that does says so.
constexpr int kRefusalsNoted = 20;
constexpr TimeMs kRefusalsPerMs = 60'000;

/// What a journal holds, for figures.
struct JournalSize {
  std::int64_t runs = 0, events = 0, approvals = 0, bytes = 0;
};

/// An entry of the audit chain: a decision, an effect, a refusal, … `hash` is SHA-256 over the entry before's hash and this one's canonical bytes.
struct AuditEntry {
  std::int64_t no = 0;  ///< from 1, without gaps
  TimeMs at = 0;
  std::string kind{};  ///< decision | expiry | intent | outcome | fork | import | prune | refused | token
  RunId run{};
  std::string path{};
  Json body{};
  std::string before_hash{}, hash{};
};
struct AuditHead {
  std::int64_t no = 0;  ///< 0: an empty chain
  std::string hash{};
};

struct ApprovalFilter {
  bool open_only = true;
  RunId run{};
  int limit = 50;      ///< at most kListMax
  ApprovalId after{};  ///< cursor: the last one of the page before
  Sight sight{};       ///< as in RunFilter; approvals that outlived their run are seen by those who see all
};
constexpr int kListMax = 1000;
constexpr int kMessagesMax = 1'000;  ///< that wait for one run; a cancellation always comes through
constexpr const char* kCancelTopic = "cancel";
constexpr int kEventsMax = 100'000;  ///< of one run
constexpr int kClaimsMax = 64;       ///< at once

}  // namespace sluice
