#include "journal/append.h"

#include "journal/rows.h"
#include "journal/run_rows.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::journal_detail {
namespace {

// Where a row is looked for by its key, a condition on its status is written so that no index of all rows in that status answers it: while PostgreSQL
// knows little of a table, it takes that one for as good as the key's, and reads all of it.

Error why_not_spent(Db& db, const RunId& run, const Spend& spend) {
  auto approval = read_approval(db, spend.id);
  if (!approval) return approval.error().code == "E0106" ? cannot_spend(spend.id, "there is no such approval") : approval.error();
  if (approval->run_id != run) return cannot_spend(spend.id, "it belongs to another run");
  if (approval->status != ApprovalStatus::approved) return cannot_spend(spend.id, "it is " + std::string(enum_name(approval->status)));
  if (approval->subject_hash != spend.subject_hash) return cannot_spend(spend.id, "it is for another subject");
  return cannot_spend(spend.id, "it has been used already");
}

Result<> spend_approval(Db& db, const RunId& run, const Spend& spend, std::int64_t seq) {
  Query use(db,
            "UPDATE wf_approval SET spent_seq = ?4 WHERE approval_id = ?1 AND run_id = ?2 AND subject_hash = ?3 AND status = 'approved'"
            " AND spent_seq IS NULL");
  TRY(const int used, use.bind(spend.id.text).bind(run.text).bind(spend.subject_hash).bind(seq).run());
  if (used == 0) return why_not_spent(db, run, spend);
  return {};
}

Result<> insert_approval(Db& db, const RunId& run, const NewApproval& approval, const std::pair<std::string, std::string>& request, TimeMs now) {
  Query insert(db,
               "INSERT INTO wf_approval (approval_id, run_id, path, subject_hash, subject, card, policy, due_at, status, decided_by, created_at,"
               " decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  insert.bind(approval.id.text).bind(run.text).bind(approval.path).bind(approval.subject_hash).bind(request.first).bind(request.second);
  insert.bind(approval.policy).bind(approval.due_at).bind(enum_name(approval.status)).bind(approval.decided_by).bind(now);
  approval.status == ApprovalStatus::open ? insert.bind_null() : insert.bind(now);
  TRY_VOID(insert.run());
  return {};
}

/// The parent hears that its child has ended; the children are asked to end.
Result<> end_family(Db& db, const RunId& run) {
  const TimeMs now = db.now();
  Query wake(db, "UPDATE wf_run SET wake_no = wake_no + 1 WHERE run_id = (SELECT parent_id FROM wf_run WHERE run_id = ?1)");
  TRY_VOID(wake.bind(run.text).run());
  const std::string sender = "run " + run.text;
  Query ask(db,
            "INSERT INTO wf_inbox (run_id, msg_id, topic, body, sender, at_ms)"
            " SELECT run_id, 'cancel', 'cancel', ?2, ?3, ?4 FROM wf_run WHERE parent_id = ?1 AND parent_id <> '' AND status NOT IN "
            "('done','failed','cancelled')"
            " ON CONFLICT DO NOTHING");
  const std::string body = Json::object().set("reason", "the run that started it has ended").dump();
  TRY(const int asked, ask.bind(run.text).bind(body).bind(sender).bind(now).run());
  if (asked == 0) return {};
  Query wake_children(
      db, "UPDATE wf_run SET wake_no = wake_no + 1 WHERE parent_id = ?1 AND parent_id <> '' AND status NOT IN ('done','failed','cancelled')");
  TRY_VOID(wake_children.bind(run.text).run());
  return {};
}

Result<> insert_children(Db& db, const Append& append) {
  if (append.children.empty()) return {};
  TRY(const RunInfo parent, read_run(db, append.run));
  for (const NewChild& child : append.children) {
    NewRun run{.id = child.id, .name = child.name, .code_version = child.code_version, .labels = child.labels, .input = child.input};
    run.place = parent.place;
    run.schema_v = child.schema_v;
    TRY_VOID(insert_run(db, run, &parent, child.path));
  }
  return {};
}

Result<> take_messages(Db& db, const Append& append, std::int64_t head) {
  for (const std::string& id : append.taken) {
    Query taken(db, "UPDATE wf_inbox SET taken_seq = ?3 WHERE run_id = ?1 AND msg_id = ?2 AND taken_seq IS NULL");
    TRY_VOID(taken.bind(append.run.text).bind(id).bind(head).run());
  }
  return {};
}

Result<> void_approvals(Db& db, const RunId& run) {
  Query voided(db, "UPDATE wf_approval SET status = 'void' WHERE run_id = ?1 AND status || '' = 'open'");
  TRY_VOID(voided.bind(run.text).run());
  return {};
}

Result<> take_all_messages(Db& db, const Append& append) {
  Query taken(db, "UPDATE wf_inbox SET taken_seq = ?2 WHERE run_id = ?1 AND taken_seq IS NULL");
  TRY_VOID(taken.bind(append.run.text).bind(append.head_seq).run());
  return {};
}

/// Gives the run away, unless news arrived that its owner has not seen. False: it did.
Result<bool> leave(Db& db, const Append& append) {
  const Transition& to = *append.transition;
  const bool looks_at_news = !is_final(to.to) && to.to != RunStatus::ready;
  Query set(db,
            "UPDATE wf_run SET status = ?2, reason = ?3, wake_at = ?4, parked_no = ?5, owner = NULL"
            " WHERE run_id = ?1 AND (?6 = 0 OR wake_no = ?5)");
  set.bind(append.run.text).bind(enum_name(to.to)).bind(to.reason).bind(to.wake_at).bind(to.wake_no_seen).bind(std::int64_t{looks_at_news});
  TRY(const int left, set.run());
  db.news();
  if (left == 0) return false;
  if (!is_final(to.to)) return true;
  TRY_VOID(end_family(db, append.run));
  TRY_VOID(void_approvals(db, append.run));
  TRY_VOID(take_all_messages(db, append));
  return true;
}

}  // namespace

PreparedAppend prepare_append(const Append& append) {
  PreparedAppend prepared{.append = append};
  prepared.bodies.reserve(append.events.size());
  for (const NewEvent& event : append.events) prepared.bodies.push_back(event.body.dump());
  prepared.drafts = audit_drafts(append);
  for (const NewApproval& approval : append.approvals) prepared.requests.emplace_back(approval.subject.dump(), approval.card.dump());
  return prepared;
}

namespace {

constexpr std::size_t kEventsInOne = 2;  // of a statement: what a step leaves to the next append goes with it

#define FENCE "WITH fence AS (UPDATE wf_run SET head_seq = ?1, idle_claims = 0, updated_at = ?2"
#define LEAVE_1 ", status = ?11, reason = ?12, wake_at = ?13, parked_no = ?14, owner = NULL"
#define LEAVE_2 ", status = ?16, reason = ?17, wake_at = ?18, parked_no = ?19, owner = NULL"
#define FENCED                                                                                                                           \
  " WHERE run_id = ?3 AND epoch = ?4 AND head_seq = ?5 AND status || '' = 'running' RETURNING run_id, parent_id, wake_no)"               \
  " INSERT INTO wf_event (run_id, seq, epoch, at_ms, type, path, try_no, in_hash, body) SELECT run_id, ?5 + 1, ?4::bigint, ?2::bigint, " \
  "?6::smallint, ?7, ?8::integer, ?9, ?10 FROM fence"
#define SECOND " UNION ALL SELECT run_id, ?5 + 2, ?4, ?2, ?11::smallint, ?12, ?13::integer, ?14, ?15 FROM fence"
// Whom else the end of the run concerns is mostly nobody, and answered with it.
#define CONCERNED                                                                                                                          \
  " RETURNING (SELECT parent_id <> '' FROM fence) OR EXISTS (SELECT 1 FROM wf_run WHERE parent_id = wf_event.run_id AND parent_id <> '')," \
  " EXISTS (SELECT 1 FROM wf_approval WHERE run_id = wf_event.run_id AND status || '' = 'open'), (SELECT wake_no > 0 FROM fence)"

const char* sql_of(const Append& append) {
  const bool two = append.events.size() == 2;
  if (append.transition) return two ? FENCE LEAVE_2 FENCED SECOND CONCERNED : FENCE LEAVE_1 FENCED CONCERNED;
  return two ? FENCE FENCED SECOND : FENCE FENCED;
}

void bind_all(Query& write, const PreparedAppend& prepared, TimeMs now) {
  const Append& append = prepared.append;
  write.bind(append.head_seq + std::ssize(append.events)).bind(now).bind(append.run.text).bind(append.epoch).bind(append.head_seq);
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const NewEvent& event = append.events[i];
    write.bind(static_cast<std::int64_t>(event.type)).bind(event.path).bind(std::int64_t{event.try_no}).bind(event.in_hash).bind(prepared.bodies[i]);
  }
  if (const auto& to = append.transition; to) write.bind(enum_name(to->to)).bind(to->reason).bind(to->wake_at).bind(to->wake_no_seen);
}

/// A message raised wake_no before it was left, with the run's row locked: none is overlooked.
Result<> end_run(Db& db, const Append& append, const Query& ended) {
  const bool has_family = ended.integer(0) != 0, has_approvals = ended.integer(1) != 0, had_news = ended.integer(2) != 0;
  if (has_family) TRY_VOID(end_family(db, append.run));
  if (has_approvals) TRY_VOID(void_approvals(db, append.run));
  if (had_news) TRY_VOID(take_all_messages(db, append));
  return {};
}

}  // namespace

bool is_one_statement(const Append& append) {
  return !append.events.empty() && append.events.size() <= kEventsInOne && append.approvals.empty() && !append.spend && append.children.empty() &&
         append.taken.empty() && (!append.transition || is_final(append.transition->to));
}

SentWrite statement_of(const PreparedAppend& prepared, Appended& answer) {
  const auto& to = prepared.append.transition;
  return {.sql = sql_of(prepared.append),
          .bind = [&](Db& db, Query& query) { bind_all(query, prepared, db.now()); },
          .read = [&](Db& db, Query& query, bool) -> Result<> {
            if (query.changes() == 0) return fenced(prepared.append.run);
            if (to) {
              TRY_VOID(end_run(db, prepared.append, query));
              db.news();
            }
            answer.head_seq = prepared.append.head_seq + std::ssize(prepared.append.events);
            for (const AuditDraft& draft : prepared.drafts) db.audit(draft);
            return {};
          }};
}

Result<Appended> write_append(Db& db, const PreparedAppend& prepared) {
  const TimeMs now = db.now();
  const Append& append = prepared.append;
  const std::int64_t head = append.head_seq + static_cast<std::int64_t>(append.events.size());
  // The fence: only the newest claim gets through, and only on top of what it has seen.
  Query fence(db,
              "UPDATE wf_run SET head_seq = ?1, idle_claims = 0, updated_at = ?2 WHERE run_id = ?3 AND epoch = ?4 AND head_seq = ?5"
              " AND status || '' = 'running'");
  TRY(const int mine, fence.bind(head).bind(now).bind(append.run.text).bind(append.epoch).bind(append.head_seq).run());
  if (mine == 0) return fenced(append.run);
  if (append.spend) TRY_VOID(spend_approval(db, append.run, *append.spend, head));
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const NewEvent& event = append.events[i];
    Query insert(db,
                 "INSERT INTO wf_event (run_id, seq, epoch, type, path, try_no, in_hash, body, at_ms)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    insert.bind(append.run.text).bind(append.head_seq + 1 + static_cast<std::int64_t>(i)).bind(append.epoch);
    insert.bind(static_cast<std::int64_t>(event.type)).bind(event.path).bind(std::int64_t{event.try_no}).bind(event.in_hash);
    TRY_VOID(insert.bind(prepared.bodies[i]).bind(now).run());
  }
  for (std::size_t i = 0; i < append.approvals.size(); ++i) TRY_VOID(insert_approval(db, append.run, append.approvals[i], prepared.requests[i], now));
  TRY_VOID(insert_children(db, append));
  TRY_VOID(take_messages(db, append, head));
  Appended answer{.head_seq = head};
  if (append.transition) {
    TRY(const bool left, leave(db, append));
    answer.woken = !left;
  }
  for (const AuditDraft& draft : prepared.drafts) db.audit(draft);
  return answer;
}

}  // namespace sluice::journal_detail
