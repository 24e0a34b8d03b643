#include "journal/rows.h"

#include <algorithm>

#include "journal/storage_errors.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::journal_detail {
namespace {

#define RUN_COLUMNS                                                                                                                   \
  "run_id, name, code_version, dedup_key, labels, status, reason, created_at, updated_at, wake_at, deadline_at, wake_no, parked_no, " \
  "head_seq, epoch, idle_claims, owner"
#define APPROVAL_COLUMNS                                                                                                               \
  "approval_id, run_id, path, subject_hash, subject, card, policy, due_at, status, decided_by, feedback, edited, reason, created_at, " \
  "decided_at, spent_seq"

Result<Json> json_column(const SqliteDb& db, const Query& query, int column, const std::string& of) {
  auto value = Json::parse(query.text(column));
  if (!value) return damaged(db.file(), "an entry of " + of + " cannot be read");
  return value;
}

template <class E>
Result<E> enum_column(const SqliteDb& db, const Query& query, int column, const std::string& of) {
  auto value = decode<E>(Json(query.text(column)));
  if (!value) return damaged(db.file(), "the status of " + of + " is not one of the known ones");
  return value;
}

Result<RunInfo> run_row(const SqliteDb& db, const Query& query) {
  RunInfo run{.id = {query.text(0)}, .name = query.text(1), .code_version = query.text(2), .dedup_key = query.text(3)};
  TRY(run.labels, json_column(db, query, 4, "run " + run.id.text));
  TRY(run.status, enum_column<RunStatus>(db, query, 5, "run " + run.id.text));
  run.reason = query.text(6);
  run.created_at = query.integer(7);
  run.updated_at = query.integer(8);
  run.wake_at = query.maybe_integer(9);
  run.deadline_at = query.maybe_integer(10);
  run.wake_no = query.integer(11);
  run.parked_no = query.integer(12);
  run.head_seq = query.integer(13);
  run.epoch = query.integer(14);
  run.idle_claims = static_cast<int>(query.integer(15));
  run.owner.text = query.text(16);
  return run;
}

Result<ApprovalInfo> approval_row(const SqliteDb& db, const Query& query) {
  ApprovalInfo approval{.id = {query.text(0)}, .run_id = {query.text(1)}, .path = query.text(2), .subject_hash = query.text(3)};
  TRY(approval.subject, json_column(db, query, 4, "approval " + approval.id.text));
  TRY(approval.card, json_column(db, query, 5, "approval " + approval.id.text));
  approval.policy = query.text(6);
  approval.due_at = query.maybe_integer(7);
  TRY(approval.status, enum_column<ApprovalStatus>(db, query, 8, "approval " + approval.id.text));
  approval.decided_by = query.text(9);
  approval.feedback = query.text(10);
  approval.edited = query.text(11);
  approval.reason = query.text(12);
  approval.created_at = query.integer(13);
  approval.decided_at = query.maybe_integer(14);
  approval.spent_seq = query.maybe_integer(15);
  return approval;
}

std::int64_t bounded(int limit) { return std::clamp(limit, 0, kListMax); }

}  // namespace

Result<RunInfo> read_run(SqliteDb& db, const RunId& run) {
  Query query(db, "SELECT " RUN_COLUMNS " FROM wf_run WHERE run_id = ?1");
  query.bind(run.text);
  TRY(const bool found, query.next());
  if (!found) return run_not_found(run);
  return run_row(db, query);
}

Result<std::vector<RunInfo>> read_runs(SqliteDb& db, const RunFilter& filter) {
  Query query(db, "SELECT " RUN_COLUMNS
                  " FROM wf_run WHERE (?1 = '' OR status = ?1) AND (?2 = '' OR run_id < ?2)"
                  " ORDER BY run_id DESC LIMIT ?3");
  const std::string_view status = filter.status ? enum_name(*filter.status) : std::string_view("");
  query.bind(status).bind(filter.before.text).bind(bounded(filter.limit));
  std::vector<RunInfo> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    TRY(RunInfo run, run_row(db, query));
    found.push_back(std::move(run));
  }
}

Result<std::vector<EventInfo>> read_events(SqliteDb& db, const RunId& run, std::int64_t after_seq, int limit) {
  Query query(db,
              "SELECT seq, epoch, type, path, try_no, in_hash, body, at_ms FROM wf_event WHERE run_id = ?1 AND seq > ?2"
              " ORDER BY seq LIMIT ?3");
  query.bind(run.text).bind(after_seq).bind(std::clamp(limit, 0, kEventsMax));
  std::vector<EventInfo> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    EventInfo event{.seq = query.integer(0), .epoch = query.integer(1), .type = static_cast<EventType>(query.integer(2))};
    event.path = query.text(3);
    event.try_no = static_cast<int>(query.integer(4));
    event.in_hash = query.text(5);
    TRY(event.body, json_column(db, query, 6, "run " + run.text));
    event.at = query.integer(7);
    if (event.seq != after_seq + 1 + static_cast<std::int64_t>(found.size())) return damaged(db.file(), "events of run " + run.text + " are missing");
    found.push_back(std::move(event));
  }
}

Result<ApprovalInfo> read_approval(SqliteDb& db, const ApprovalId& id) {
  Query query(db, "SELECT " APPROVAL_COLUMNS " FROM wf_approval WHERE approval_id = ?1");
  query.bind(id.text);
  TRY(const bool found, query.next());
  if (!found) return approval_not_found(id.text);
  return approval_row(db, query);
}

Result<ApprovalInfo> read_open_approval(SqliteDb& db, const RunId& run) {
  Query query(db, "SELECT " APPROVAL_COLUMNS " FROM wf_approval WHERE run_id = ?1 AND status = 'open' ORDER BY approval_no LIMIT 1");
  query.bind(run.text);
  TRY(const bool found, query.next());
  if (!found) return no_open_approval(run);
  return approval_row(db, query);
}

Result<std::vector<ApprovalInfo>> read_approvals(SqliteDb& db, const ApprovalFilter& filter) {
  Query query(db, "SELECT " APPROVAL_COLUMNS
                  " FROM wf_approval WHERE (?1 = 0 OR status = 'open') AND (?2 = '' OR run_id = ?2)"
                  " AND (?3 = '' OR approval_no < (SELECT approval_no FROM wf_approval WHERE approval_id = ?3))"
                  " ORDER BY approval_no DESC LIMIT ?4");
  Query of_run(db, "SELECT " APPROVAL_COLUMNS
                   " FROM wf_approval WHERE run_id = ?2 AND (?1 = 0 OR status = 'open') AND ?3 = ?3"
                   " ORDER BY approval_no DESC LIMIT ?4");
  const bool by_run = !filter.run.empty() && filter.after.empty();  // what every parked run asks: by the index, not by the list
  Query& chosen = by_run ? of_run : query;
  chosen.bind(std::int64_t{filter.open_only}).bind(filter.run.text).bind(filter.after.text).bind(bounded(filter.limit));
  std::vector<ApprovalInfo> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, chosen.next());
    if (!more) return found;
    TRY(ApprovalInfo approval, approval_row(db, chosen));
    found.push_back(std::move(approval));
  }
}

Result<std::vector<Message>> read_inbox(SqliteDb& db, const RunId& run) {
  constexpr std::int64_t kMessagesMax = 1'000;
  Query query(db, "SELECT topic, sender, body, at_ms FROM wf_inbox WHERE run_id = ?1 AND taken_seq IS NULL ORDER BY at_ms LIMIT ?2");
  query.bind(run.text).bind(kMessagesMax);
  std::vector<Message> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    Message message{.topic = query.text(0), .sender = query.text(1)};
    TRY(message.body, json_column(db, query, 2, "the inbox of run " + run.text));
    message.at = query.integer(3);
    found.push_back(std::move(message));
  }
}

}  // namespace sluice::journal_detail
