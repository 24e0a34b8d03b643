#include "journal/rows.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "journal/storage_errors.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::journal_detail {
namespace {

#define RUN_COLUMNS                                                                                                                   \
  "run_id, name, code_version, dedup_key, labels, status, reason, created_at, updated_at, wake_at, deadline_at, wake_no, parked_no, " \
  "head_seq, epoch, idle_claims, owner, tenant, queue, priority, root_id, parent_id, parent_path, forked_from, forked_seq, imported"
#define APPROVAL_COLUMNS                                                                                                               \
  "approval_id, run_id, path, subject_hash, subject, card, policy, due_at, status, decided_by, feedback, edited, reason, created_at, " \
  "decided_at, spent_seq"

template <class E>
Result<E> enum_column(const Db& db, const Query& query, int column, const std::string& of) {
  auto value = decode<E>(Json(query.text(column)));
  if (!value) return damaged_row(db, "the status of " + of + " is not one of the known ones");
  return value;
}

Result<RunInfo> run_row(const Db& db, const Query& query) {
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
  run.place = {.tenant = query.text(17), .queue = query.text(18), .priority = static_cast<int>(query.integer(19))};
  run.root.text = query.text(20);
  if (run.root.empty()) run.root = run.id;  // written by a program that knew of no roots
  run.parent.text = query.text(21);
  run.parent_path = query.text(22);
  run.forked_from.text = query.text(23);
  run.forked_seq = query.integer(24);
  run.imported = query.text(25);
  return run;
}

Result<ApprovalInfo> approval_row(const Db& db, const Query& query) {
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

/// A pattern for LIKE … ESCAPE '!' that finds the text anywhere.
std::string anywhere(const std::string& text) {
  std::string pattern = "%";
  for (const char c : search_text(text)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

std::int64_t bounded(int limit) { return std::clamp(limit, 0, kListMax); }

}  // namespace

std::string sight_text(const Sight& sight) {
  if (sight.all) return "";
  std::string text = "|";
  for (const auto& [connection, workflow] : sight.of)
    if ((connection + workflow).find('|') == std::string::npos)  // two of them would look like three
      text.append(connection).append("@").append(workflow).append("|");
  return text;
}

std::string search_text(std::string_view text) {
  std::string out = to_lower(replace_invalid_utf8(text));
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

Error damaged_row(const Db& db, const std::string& what) { return damaged(db.name(), what); }

Result<Json> json_column(const Db& db, const Query& query, int column, const std::string& of) {
  auto value = Json::parse(query.text(column));
  if (!value) return damaged_row(db, "an entry of " + of + " cannot be read");
  return value;
}

Result<RunInfo> read_run(Db& db, const RunId& run) {
  Query query(db, "SELECT " RUN_COLUMNS " FROM wf_run WHERE run_id = ?1");
  query.bind(run.text);
  TRY(const bool found, query.next());
  if (!found) return run_not_found(run);
  return run_row(db, query);
}

Result<RunInfo> lock_run(Db& db, const RunId& run) {
  if (!db.locks_rows()) return read_run(db, run);
  Query query(db, "SELECT " RUN_COLUMNS " FROM wf_run WHERE run_id = ?1 FOR UPDATE");
  query.bind(run.text);
  TRY(const bool found, query.next());
  if (!found) return run_not_found(run);
  return run_row(db, query);
}

Result<std::vector<RunInfo>> read_runs(Db& db, const RunFilter& filter) {
  // One statement for what everybody asks, which the key's index answers; one for what parents ask; and one for searches.
  Query newest(db, "SELECT " RUN_COLUMNS " FROM wf_run WHERE (?1 = '' OR status = ?1) AND (?2 = '' OR run_id < ?2) ORDER BY run_id DESC LIMIT ?3");
  Query of_parent(db, "SELECT " RUN_COLUMNS
                      " FROM wf_run WHERE parent_id = ?4 AND parent_id <> '' AND (?1 = '' OR status = ?1) AND (?2 = '' OR run_id < ?2)"
                      " ORDER BY run_id DESC LIMIT ?3");
  Query search(db, "SELECT " RUN_COLUMNS
                   " FROM wf_run WHERE (?1 = '' OR status = ?1) AND (?2 = '' OR run_id < ?2) AND (?4 = '' OR parent_id = ?4)"
                   " AND (?5 = '' OR name = ?5) AND (?6 = '' OR queue = ?6) AND (?7 = '' OR label_connection = ?7)"
                   " AND label_text LIKE ?8 ESCAPE '!' AND created_at >= ?9 AND created_at < ?10 AND (?11 = 0 OR parent_id = '')"
                   " AND (?12 = 0 OR tenant = ?13) AND (?14 = '' OR dedup_key = ?14) AND " SEEN_BY("?15") " ORDER BY run_id DESC LIMIT ?3");
  const bool plain = filter.name.empty() && filter.queue.empty() && !filter.tenant && filter.connection.empty() && filter.text.empty() &&
                     !filter.created_from && !filter.created_before && !filter.roots_only && filter.dedup_key.empty() && filter.sight.all;
  Query& query = !plain ? search : filter.parent.empty() ? newest : of_parent;
  const std::string_view status = filter.status ? enum_name(*filter.status) : std::string_view("");
  const std::string pattern = anywhere(filter.text), tenant = filter.tenant.value_or(""), sight = sight_text(filter.sight);
  query.bind(status).bind(filter.before.text).bind(bounded(filter.limit));
  if (!plain || !filter.parent.empty()) query.bind(filter.parent.text);
  if (!plain) {
    query.bind(filter.name).bind(filter.queue).bind(filter.connection).bind(pattern);
    query.bind(filter.created_from.value_or(0)).bind(filter.created_before.value_or(std::numeric_limits<std::int64_t>::max()));
    query.bind(std::int64_t{filter.roots_only}).bind(std::int64_t{filter.tenant.has_value()}).bind(tenant).bind(filter.dedup_key).bind(sight);
  }
  std::vector<RunInfo> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    TRY(RunInfo run, run_row(db, query));
    found.push_back(std::move(run));
  }
}

Result<std::vector<EventInfo>> read_events(Db& db, const RunId& run, std::int64_t after_seq, int limit) {
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
    event.schema_v = schema_of(event.body);
    if (event.seq != after_seq + 1 + static_cast<std::int64_t>(found.size())) return damaged_row(db, "events of run " + run.text + " are missing");
    found.push_back(std::move(event));
  }
}

Result<ApprovalInfo> read_approval(Db& db, const ApprovalId& id) {
  Query query(db, "SELECT " APPROVAL_COLUMNS " FROM wf_approval WHERE approval_id = ?1");
  query.bind(id.text);
  TRY(const bool found, query.next());
  if (!found) return approval_not_found(id.text);
  return approval_row(db, query);
}

Result<ApprovalInfo> read_open_approval(Db& db, const RunId& run) {
  Query query(db, "SELECT " APPROVAL_COLUMNS " FROM wf_approval WHERE run_id = ?1 AND status = 'open' ORDER BY approval_no LIMIT 1");
  query.bind(run.text);
  TRY(const bool found, query.next());
  if (!found) return no_open_approval(run);
  return approval_row(db, query);
}

Result<std::vector<ApprovalInfo>> read_approvals(Db& db, const ApprovalFilter& filter) {
  Query query(db, "SELECT " APPROVAL_COLUMNS
                  " FROM wf_approval WHERE (?1 = 0 OR status = 'open') AND (?2 = '' OR run_id = ?2)"
                  " AND (?3 = '' OR approval_no < (SELECT approval_no FROM wf_approval WHERE approval_id = ?3))"
                  " AND (?5 = '' OR EXISTS (SELECT 1 FROM wf_run WHERE wf_run.run_id = wf_approval.run_id AND " SEEN_BY("?5") "))"
                  " ORDER BY approval_no DESC LIMIT ?4");
  Query of_run(db, "SELECT " APPROVAL_COLUMNS
                   " FROM wf_approval WHERE run_id = ?2 AND (?1 = 0 OR status = 'open') AND ?3 = ''"
                   " ORDER BY approval_no DESC LIMIT ?4");
  const bool by_run = !filter.run.empty() && filter.after.empty() && filter.sight.all;  // what every parked run asks: by the index, not by the list
  Query& chosen = by_run ? of_run : query;
  const std::string sight = sight_text(filter.sight);
  chosen.bind(std::int64_t{filter.open_only}).bind(filter.run.text).bind(filter.after.text).bind(bounded(filter.limit));
  if (!by_run) chosen.bind(sight);
  std::vector<ApprovalInfo> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, chosen.next());
    if (!more) return found;
    TRY(ApprovalInfo approval, approval_row(db, chosen));
    found.push_back(std::move(approval));
  }
}

Result<std::vector<Message>> read_inbox(Db& db, const RunId& run) {
  Query query(db, "SELECT msg_id, topic, sender, body, at_ms FROM wf_inbox WHERE run_id = ?1 AND taken_seq IS NULL ORDER BY at_ms, msg_id");
  query.bind(run.text);
  std::vector<Message> found;
  for (;;) {  // bounded by kMessagesMax when they are sent
    TRY(const bool more, query.next());
    if (!more) return found;
    Message message{.id = query.text(0), .topic = query.text(1), .sender = query.text(2)};
    TRY(message.body, json_column(db, query, 3, "the inbox of run " + run.text));
    message.at = query.integer(4);
    found.push_back(std::move(message));
  }
}

}  // namespace sluice::journal_detail
