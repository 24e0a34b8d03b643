#include "journal/run_rows.h"

#include "journal/rows.h"
#include "journal/storage_errors.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::journal_detail {
namespace {

constexpr const char* kInsertEvent =
    "INSERT INTO wf_event (run_id, seq, epoch, type, path, try_no, in_hash, body, at_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

#define INSERT_RUN                                                                                                                                \
  "INSERT INTO wf_run (run_id, name, code_version, dedup_key, labels, status, created_at, updated_at, deadline_at, head_seq, epoch, idle_claims," \
  " owner, tenant, queue, priority, root_id, parent_id, parent_path, forked_from, forked_seq, imported, started_at, label_connection,"            \
  " label_text, reason, wake_no, parked_no) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"   \
  " ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28) ON CONFLICT DO NOTHING"

void bind_row(Query& insert, const RunInfo& run, const LabelColumns& labels) {
  insert.bind(run.id.text).bind(run.name).bind(run.code_version);
  run.dedup_key.empty() ? insert.bind_null() : insert.bind(run.dedup_key);
  insert.bind(labels.all)
      .bind(enum_name(run.status))
      .bind(run.created_at)
      .bind(run.updated_at)
      .bind(run.deadline_at)
      .bind(run.head_seq)
      .bind(run.epoch);
  insert.bind(std::int64_t{run.idle_claims});
  run.owner.empty() ? insert.bind_null() : insert.bind(run.owner.text);
  insert.bind(run.place.tenant).bind(run.place.queue).bind(std::int64_t{run.place.priority}).bind(run.root.text).bind(run.parent.text);
  insert.bind(run.parent_path).bind(run.forked_from.text).bind(run.forked_seq).bind(run.imported);
  run.owner.empty() ? insert.bind_null() : insert.bind(run.created_at);
  insert.bind(labels.connection).bind(labels.text).bind(run.reason).bind(run.wake_no).bind(run.parked_no);
}

/// All columns of a run's row; what it does not say is as in a new one. False: its id or dedup_key is taken.
Result<bool> insert_row(Db& db, const RunInfo& run) {
  const LabelColumns labels(run.labels);
  Query insert(db, INSERT_RUN);
  bind_row(insert, run, labels);
  TRY(const int inserted, insert.run());
  return inserted > 0;
}

Result<> insert_event(Db& db, const RunId& run, const EventInfo& event) {
  const std::string body = event.body.dump();
  Query insert(db, kInsertEvent);
  insert.bind(run.text).bind(event.seq).bind(event.epoch).bind(static_cast<std::int64_t>(event.type)).bind(event.path);
  TRY_VOID(insert.bind(std::int64_t{event.try_no}).bind(event.in_hash).bind(body).bind(event.at).run());
  return {};
}

Result<> insert_approval_copy(Db& db, const ApprovalInfo& approval) {
  const std::string subject = approval.subject.dump(), card = approval.card.dump();
  Query insert(
      db,
      "INSERT INTO wf_approval (approval_id, run_id, path, subject_hash, subject, card, policy, due_at, status, decided_by, feedback, edited,"
      " reason, created_at, decided_at, spent_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
  insert.bind(approval.id.text).bind(approval.run_id.text).bind(approval.path).bind(approval.subject_hash).bind(subject).bind(card);
  insert.bind(approval.policy)
      .bind(approval.due_at)
      .bind(enum_name(approval.status))
      .bind(approval.decided_by)
      .bind(approval.feedback)
      .bind(approval.edited)
      .bind(approval.reason);
  TRY_VOID(insert.bind(approval.created_at).bind(approval.decided_at).bind(approval.spent_seq).run());
  return {};
}

RunInfo new_row(const NewRun& run, TimeMs now, const RunInfo* parent, const std::string& parent_path) {
  const bool claimed = !run.claim_by.empty();
  RunInfo info{.id = run.id, .name = run.name, .code_version = run.code_version, .dedup_key = run.dedup_key, .place = run.place};
  info.root = parent != nullptr ? parent->root : run.id;
  if (parent != nullptr) info.parent = parent->id;
  info.parent_path = parent_path;
  info.labels = run.labels;
  info.status = claimed ? RunStatus::running : RunStatus::ready;
  info.created_at = info.updated_at = now;
  info.deadline_at = run.deadline_at;
  info.head_seq = 1;
  info.epoch = info.idle_claims = claimed ? 1 : 0;
  info.owner = run.claim_by;
  return info;
}

Result<> keep_lease_until(Db& db, const NodeId& node, TimeMs lease_ms, std::optional<TimeMs> until) {
  if (until && *until - db.now() >= lease_ms / 2) return {};
  return prolong_lease(db, node, db.now() + lease_ms);
}

/// Roots that ended before the time, with all that they started.
Result<std::vector<RunId>> old_roots(Db& db, const PruneLimits& limits) {
  Query query(db,
              "SELECT run_id FROM wf_run r WHERE root_id IN (run_id, '')"
              " AND (status IN ('done','failed','cancelled') OR imported <> '') AND updated_at < ?1"
              " AND NOT EXISTS (SELECT 1 FROM wf_run c WHERE c.root_id = r.run_id AND c.run_id <> r.run_id AND c.parent_id <> ''"
              "   AND (c.status NOT IN ('done','failed','cancelled') OR c.updated_at >= ?1))"
              " ORDER BY run_id LIMIT ?2");
  query.bind(limits.ended_before).bind(std::int64_t{limits.runs_max} + 1);
  std::vector<RunId> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    found.push_back({query.text(0)});
  }
}

#define IN_FAMILY "(run_id = ?1 OR (root_id = ?1 AND parent_id <> ''))"
#define FAMILY "(SELECT run_id FROM wf_run WHERE " IN_FAMILY ")"
#define OLD_APPROVALS "run_id IN " FAMILY " AND coalesce(decided_at, created_at) < ?2"

Result<> collect_family(Db& db, const RunId& root, const PruneLimits& limits, Pruned& pruned) {
  Query runs(db, "SELECT run_id, head_seq FROM wf_run WHERE " IN_FAMILY " ORDER BY run_id");
  runs.bind(root.text);
  for (;;) {  // bounded by the runs that one starts
    TRY(const bool more, runs.next());
    if (!more) break;
    pruned.runs.push_back({runs.text(0)});
    pruned.events += runs.integer(1);
  }
  Query approvals(db, "SELECT approval_id FROM wf_approval WHERE " OLD_APPROVALS " ORDER BY approval_no");
  approvals.bind(root.text).bind(limits.approvals_before);
  for (;;) {  // bounded by what they asked for
    TRY(const bool more, approvals.next());
    if (!more) return {};
    pruned.approvals.push_back({approvals.text(0)});
  }
}

Result<> delete_family(Db& db, const RunId& root, const PruneLimits& limits) {
  Query approvals(db, "DELETE FROM wf_approval WHERE " OLD_APPROVALS);
  TRY_VOID(approvals.bind(root.text).bind(limits.approvals_before).run());
  Query inbox(db, "DELETE FROM wf_inbox WHERE run_id IN " FAMILY);
  TRY_VOID(inbox.bind(root.text).run());
  Query events(db, "DELETE FROM wf_event WHERE run_id IN " FAMILY);
  TRY_VOID(events.bind(root.text).run());
  Query runs(db, "DELETE FROM wf_run WHERE " IN_FAMILY);
  TRY_VOID(runs.bind(root.text).run());
  return {};
}

/// Approvals that outlived their runs, and are old by now.
Result<> prune_homeless_approvals(Db& db, const PruneLimits& limits, Pruned& pruned) {
  std::vector<ApprovalId> found;
  {
    Query query(db,
                "SELECT approval_id FROM wf_approval WHERE coalesce(decided_at, created_at) < ?1"
                " AND NOT EXISTS (SELECT 1 FROM wf_run WHERE wf_run.run_id = wf_approval.run_id) ORDER BY approval_no LIMIT ?2");
    query.bind(limits.approvals_before).bind(std::int64_t{limits.runs_max} + 1);
    for (;;) {  // bounded by LIMIT
      TRY(const bool more, query.next());
      if (!more) break;
      found.push_back({query.text(0)});
    }
  }
  pruned.more = std::ssize(found) > limits.runs_max;
  if (pruned.more) found.pop_back();
  for (const ApprovalId& id : found) {
    Query gone(db, "DELETE FROM wf_approval WHERE approval_id = ?1");
    if (!limits.dry) TRY_VOID(gone.bind(id.text).run());
  }
  pruned.approvals.insert(pruned.approvals.end(), found.begin(), found.end());
  return {};
}

}  // namespace

LabelColumns::LabelColumns(const Json& labels) : all(labels.dump()), text(search_text(labels.text("text"))), connection(labels.text("connection")) {}

/// Never shortens it: a write that was kept waiting comes with a time that is long past.
Result<> prolong_lease(Db& db, const NodeId& node, TimeMs until) {
  Query lease(db,
              "INSERT INTO wf_node VALUES (?1, ?2) ON CONFLICT (node_id)"
              " DO UPDATE SET lease_until = CASE WHEN wf_node.lease_until > ?2 THEN wf_node.lease_until ELSE ?2 END");
  TRY_VOID(lease.bind(node.text).bind(until).run());
  return {};
}

Result<> keep_lease(Db& db, const NodeId& node, TimeMs lease_ms) {
  std::optional<TimeMs> until;
  {
    Query lease(db, "SELECT lease_until FROM wf_node WHERE node_id = ?1");
    TRY(const bool known, lease.bind(node.text).next());
    if (known) until = lease.integer(0);
  }
  return keep_lease_until(db, node, lease_ms, until);
}

Result<bool> insert_run(Db& db, const NewRun& run, const RunInfo* parent, const std::string& parent_path) {
  const RunInfo info = new_row(run, db.now(), parent, parent_path);
  TRY(const bool inserted, insert_row(db, info));
  if (!inserted) return false;
  EventInfo first{.seq = 1, .epoch = info.epoch, .type = EventType::run_started, .body = started_body(run)};
  first.at = info.created_at;
  TRY_VOID(insert_event(db, run.id, first));
  if (run.claim_by.empty()) db.news();
  return true;
}

const char* const InsertedRun::kSql =
    "WITH run AS (" INSERT_RUN
    " RETURNING run_id)"
    " INSERT INTO wf_event (run_id, seq, epoch, type, path, try_no, in_hash, body, at_ms)"
    " SELECT run_id, 1, ?11, ?30, '', 0, '', ?29, ?7 FROM run RETURNING (SELECT lease_until FROM wf_node WHERE node_id = ?13)";

InsertedRun::InsertedRun(const NewRun& run) : run_(run), labels_(run.labels), body_(started_body(run).dump()) {}

void InsertedRun::bind(Db& db, Query& query) {
  info_ = new_row(run_, db.now(), nullptr, "");
  bind_row(query, info_, labels_);
  query.bind(body_).bind(static_cast<std::int64_t>(EventType::run_started));
}

Result<> InsertedRun::read(Db& db, const Query& query, TimeMs lease_ms) const {
  if (run_.claim_by.empty()) {
    db.news();
    return {};
  }
  return keep_lease_until(db, run_.claim_by, lease_ms, query.maybe_integer(0));
}

/// What is there already with its id or its key.
static Result<RunInfo> fork_in_the_way(Db& db, const NewFork& fork, const RunInfo& from) {
  Query known(db, "SELECT run_id FROM wf_run WHERE dedup_key = ?1 AND tenant = ?2");
  TRY(const bool found, known.bind(fork.dedup_key).bind(from.place.tenant).next());
  if (!found) return run_exists({.id = fork.id});
  TRY(RunInfo existing, read_run(db, {known.text(0)}));
  TRY(const auto kept, read_events(db, existing.id, fork.keep_seq - 1, 1));
  TRY(const auto original, read_events(db, from.id, fork.keep_seq - 1, 1));
  const bool same = !kept.empty() && !original.empty() && is_same_fork(fork, existing, kept.front(), original.front());
  return same ? Result<RunInfo>(std::move(existing)) : dedup_taken(fork, existing);
}

Result<RunInfo> insert_fork(Db& db, const NewFork& fork) {
  TRY(const RunInfo from, read_run(db, fork.from));
  if (fork.keep_seq < 1 || fork.keep_seq > from.head_seq) return no_such_event(from, fork.keep_seq);
  RunInfo info{.id = fork.id, .name = from.name, .code_version = from.code_version, .place = from.place, .root = fork.id};
  info.dedup_key = fork.dedup_key;
  info.forked_from = from.id;
  info.forked_seq = info.head_seq = fork.keep_seq;
  info.labels = fork.labels;
  info.created_at = info.updated_at = db.now();
  TRY(const bool inserted, insert_row(db, info));
  if (!inserted) return fork_in_the_way(db, fork, from);
  Query copy(db,
             "INSERT INTO wf_event (run_id, seq, epoch, type, path, try_no, in_hash, body, at_ms)"
             " SELECT ?1, seq, 0, type, path, try_no, in_hash, body, at_ms FROM wf_event WHERE run_id = ?2 AND seq <= ?3");
  TRY_VOID(copy.bind(fork.id.text).bind(from.id.text).bind(fork.keep_seq - (fork.last ? 1 : 0)).run());
  if (fork.last) {
    EventInfo last{
        .seq = fork.keep_seq, .type = fork.last->type, .path = fork.last->path, .try_no = fork.last->try_no, .in_hash = fork.last->in_hash};
    last.body = fork.last->body;
    last.at = info.created_at;
    TRY_VOID(insert_event(db, fork.id, last));
  }
  db.news();
  TRY(const std::vector<EventInfo> kept, read_events(db, fork.id, 0, kEventsMax));
  db.audit(audit_draft(fork, kept));
  return info;
}

Result<RunInfo> insert_copy(Db& db, const RunCopy& copy, const std::string& by) {
  RunCopy stored = copy;
  label_as_recorded(stored);
  RunInfo& info = stored.run;
  info.imported = "by " + by + " at " + utc_text(db.now());
  info.owner = {};
  info.dedup_key.clear();  // here, the key is free
  info.wake_at.reset();
  info.parked_no = info.wake_no;
  if (!is_final(info.status)) {
    info.status = RunStatus::paused;
    info.reason = "a copy from another journal; fork it to go on";
  }
  TRY(const bool inserted, insert_row(db, info));
  if (!inserted) return run_exists(info);
  for (const EventInfo& event : stored.events) TRY_VOID(insert_event(db, info.id, event));
  for (ApprovalInfo& approval : stored.approvals) {
    approval.run_id = info.id;
    if (approval.status == ApprovalStatus::open) approval.status = ApprovalStatus::voided;
    TRY_VOID(insert_approval_copy(db, approval));
  }
  db.audit(audit_draft(stored, by));
  return info;
}

Result<Pruned> prune_runs(Db& db, const PruneLimits& limits) {
  TRY(std::vector<RunId> roots, old_roots(db, limits));
  Pruned pruned{.more = std::ssize(roots) > limits.runs_max};
  if (pruned.more) roots.pop_back();
  for (const RunId& root : roots) {
    TRY_VOID(collect_family(db, root, limits, pruned));
    if (!limits.dry) TRY_VOID(delete_family(db, root, limits));
  }
  if (!pruned.more) TRY_VOID(prune_homeless_approvals(db, limits, pruned));
  if (!limits.dry && (!pruned.runs.empty() || !pruned.approvals.empty())) db.audit(audit_draft(pruned));
  return pruned;
}

Result<> check_counts(Db& db) {
  Query events(db,
               "SELECT r.run_id, r.head_seq, coalesce(e.n, 0) FROM wf_run r LEFT JOIN (SELECT run_id, count(*) AS n FROM wf_event GROUP BY run_id) e"
               " ON e.run_id = r.run_id WHERE coalesce(e.n, 0) <> r.head_seq ORDER BY r.run_id LIMIT 1");
  TRY(const bool wrong, events.next());
  if (wrong)
    return damaged(db.name(), "run " + events.text(0) + " has " + std::to_string(events.integer(2)) + " events and should have " +
                                  std::to_string(events.integer(1)));
  TRY(const std::int64_t entries, integer_of(db, "SELECT count(*) FROM wf_audit"));
  TRY(const std::int64_t head, integer_of(db, "SELECT no FROM wf_audit_head"));
  if (entries != head)
    return damaged(db.name(), "the audit chain has " + std::to_string(entries) + " entries and should have " + std::to_string(head));
  return {};
}

Result<JournalSize> count_rows(Db& db) {
  JournalSize size;
  TRY(size.runs, integer_of(db, "SELECT count(*) FROM wf_run"));
  TRY(size.events, integer_of(db, "SELECT coalesce(sum(head_seq), 0) FROM wf_run"));
  TRY(size.approvals, integer_of(db, "SELECT count(*) FROM wf_approval"));
  return size;
}

Result<std::vector<RunCount>> count_unfinished(Db& db, const Sight& sight) {
  std::vector<RunCount> counts;
  Query query(db, "SELECT queue, status, count(*) FROM wf_run WHERE status NOT IN ('done','failed','cancelled') AND imported = '' AND " SEEN_BY(
                      "?1") " GROUP BY queue, status");
  const std::string seen = sight_text(sight);
  query.bind(seen);
  for (;;) {
    TRY(const bool row, query.next());
    if (!row) return counts;
    TRY(const RunStatus status, decode<RunStatus>(Json(query.text(1))));
    counts.push_back({query.text(0), status, query.integer(2)});
  }
}

}  // namespace sluice::journal_detail
