#include "journal/sql_journal.h"

#include <optional>
#include <utility>

#include "journal/append.h"
#include "journal/audit_rows.h"
#include "journal/claim_rows.h"
#include "journal/outbox_rows.h"
#include "journal/rows.h"
#include "journal/run_rows.h"
#include "journal/storage_errors.h"
#include "journal/token_rows.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {

using namespace journal_detail;

namespace {

constexpr TimeMs kNodesKept = 24 * 3'600'000;  // rows of nodes that nobody hears of any more

/// The approval, with its run locked: decisions, expiry and cancellation meet there.
Result<ApprovalInfo> lock_approval(Db& db, const ApprovalId& id) {
  TRY(const ApprovalInfo approval, read_approval(db, id));
  auto run = lock_run(db, approval.run_id);
  if (!run && run.error().code != "E0102") return run.error();  // an approval is kept longer than its run
  return read_approval(db, id);
}

Result<> leave_message(Db& db, const RunId& run, const NewMessage& message) {
  TRY(const RunInfo info, lock_run(db, run));
  if (is_final(info.status)) return run_finished(info);
  if (!info.imported.empty()) return run_imported(info);
  if (message.topic != kCancelTopic) {
    Query waiting(db, "SELECT count(*) FROM wf_inbox WHERE run_id = ?1 AND taken_seq IS NULL AND msg_id <> ?2");
    TRY_VOID(waiting.bind(run.text).bind(message.id).next());
    if (waiting.integer(0) >= kMessagesMax) return inbox_full(info);
  }
  const std::string body = message.body.dump();
  Query insert(db, "INSERT INTO wf_inbox (run_id, msg_id, topic, body, sender, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");
  insert.bind(run.text).bind(message.id).bind(message.topic).bind(body).bind(message.sender);
  TRY(const int inserted, insert.bind(db.now()).run());
  if (inserted == 0) return {};
  Query wake(db, "UPDATE wf_run SET wake_no = wake_no + 1 WHERE run_id = ?1");
  TRY_VOID(wake.bind(run.text).run());
  db.news();
  return {};
}

/// What is there already with its id or its key.
Result<CreatedRun> run_in_the_way(Db& db, const NewRun& run) {
  Query known(db, "SELECT run_id FROM wf_run WHERE dedup_key = ?1 AND tenant = ?2");
  TRY(const bool found, known.bind(run.dedup_key).bind(run.place.tenant).next());
  if (!found) return run_exists({.id = run.id});
  TRY(RunInfo existing, read_run(db, {known.text(0)}));
  TRY(const auto first, read_events(db, existing.id, 0, 1));
  const bool same = existing.forked_from.empty() && existing.name == run.name && !first.empty() && first.front().body["input"] == run.input;
  if (!same) return dedup_taken(run, existing);
  return CreatedRun{std::move(existing), true};
}

}  // namespace

/// Runs the write in a group commit; what it returns is handed out after COMMIT.
template <class T, class Fn>
Result<T> SqlJournal::write(const RunId& run, const Fn& fn) {
  std::optional<T> value;
  TRY_VOID(committer(run).write(run, [&](Db& db) -> Result<> {
    Result<T> outcome = fn(db);
    if (!outcome) return std::move(outcome).error();
    value = *std::move(outcome);
    return {};
  }));
  return *std::move(value);
}

template <class T, class Fn>
Result<T> SqlJournal::read(const Fn& fn) {
  std::optional<T> value;
  TRY_VOID(with_reader([&](Db& db) -> Result<> {
    Result<T> outcome = fn(db);
    if (!outcome) return std::move(outcome).error();
    value = *std::move(outcome);
    return {};
  }));
  return *std::move(value);
}

Result<> SqlJournal::heartbeat(const NodeId& node) {
  return committer({}).write({}, [&](Db& db) -> Result<> {
    TRY_VOID(prolong_lease(db, node, db.now() + lease().count()));
    Query forget(db,
                 "DELETE FROM wf_node WHERE lease_until < ?1"
                 " AND NOT EXISTS (SELECT 1 FROM wf_run WHERE status = 'running' AND owner = wf_node.node_id)");
    TRY_VOID(forget.bind(db.now() - kNodesKept).run());
    return {};
  });
}

Result<CreatedRun> SqlJournal::create_run(const NewRun& run) {
  Committer& writer = committer(run.id);
  if (!writer.sends_ahead()) {
    return write<CreatedRun>(run.id, [&](Db& db) -> Result<CreatedRun> {
      TRY(const bool inserted, insert_run(db, run));
      if (!inserted) return run_in_the_way(db, run);
      if (!run.claim_by.empty()) TRY_VOID(keep_lease(db, run.claim_by, lease().count()));
      TRY(RunInfo info, read_run(db, run.id));
      return CreatedRun{std::move(info), false};
    });
  }
  InsertedRun inserted(run);
  CreatedRun created;
  const SentWrite insert{.sql = InsertedRun::kSql,
                         .bind = [&](Db& db, Query& query) { inserted.bind(db, query); },
                         .read = [&](Db& db, Query& query, bool there) -> Result<> {
                           if (there) {
                             TRY_VOID(inserted.read(db, query, lease().count()));
                             created = {inserted.info(), false};
                             return {};
                           }
                           TRY(created, run_in_the_way(db, run));
                           return {};
                         }};
  TRY_VOID(writer.write(run.id, insert));
  return created;
}

Result<RunInfo> SqlJournal::claim(const RunId& run, const NodeId& node) {
  const Claimer claimer{[this](const NodeId& owner) { return is_dead_for_sure(owner); }, lease().count()};
  return write<RunInfo>(run, [&](Db& db) { return claim_run(db, run, node, claimer); });
}

Result<std::vector<RunInfo>> SqlJournal::claim_due(const ClaimDue& wanted) {
  const Claimer claimer{[this](const NodeId& owner) { return is_dead_for_sure(owner); }, lease().count()};
  return write<std::vector<RunInfo>>({}, [&](Db& db) { return claim_due_runs(db, wanted, claimer); });
}

Result<Appended> SqlJournal::append(const Append& append) {
  const PreparedAppend prepared = prepare_append(append);
  Committer& writer = committer(append.run);
  if (writer.sends_ahead() && is_one_statement(append)) {
    Appended answer;
    TRY_VOID(writer.write(append.run, statement_of(prepared, answer)));
    return answer;
  }
  return write<Appended>(append.run, [&](Db& db) { return write_append(db, prepared); });
}

Result<RunInfo> SqlJournal::run(const RunId& run) {
  const Claimer claimer{[this](const NodeId& owner) { return is_dead_for_sure(owner); }, lease().count()};
  return read<RunInfo>([&](Db& db) -> Result<RunInfo> {
    TRY(RunInfo info, read_run(db, run));
    TRY(info.owner_dead, owner_is_dead(db, info, claimer));
    return info;
  });
}

Result<std::vector<RunInfo>> SqlJournal::runs(const RunFilter& filter) {
  const Claimer claimer{[this](const NodeId& owner) { return is_dead_for_sure(owner); }, lease().count()};
  return read<std::vector<RunInfo>>([&](Db& db) -> Result<std::vector<RunInfo>> {
    TRY(auto found, read_runs(db, filter));
    for (RunInfo& info : found) {
      TRY(info.owner_dead, owner_is_dead(db, info, claimer));
    }
    return found;
  });
}

Result<std::vector<EventInfo>> SqlJournal::events(const RunId& run, std::int64_t after_seq, int limit) {
  return read<std::vector<EventInfo>>([&](Db& db) -> Result<std::vector<EventInfo>> {
    TRY(auto found, read_events(db, run, after_seq, limit));
    if (found.empty()) TRY_VOID(read_run(db, run));
    return found;
  });
}

Result<std::vector<ApprovalInfo>> SqlJournal::approvals(const ApprovalFilter& filter) {
  return read<std::vector<ApprovalInfo>>([&](Db& db) { return read_approvals(db, filter); });
}

Result<ApprovalInfo> SqlJournal::approval(const ApprovalId& id) {
  return read<ApprovalInfo>([&](Db& db) { return read_approval(db, id); });
}

Result<ApprovalInfo> SqlJournal::open_approval_of(const RunId& run) {
  return read<ApprovalInfo>([&](Db& db) -> Result<ApprovalInfo> {
    TRY_VOID(read_run(db, run));
    return read_open_approval(db, run);
  });
}

Result<ApprovalInfo> SqlJournal::decide(const ApprovalId& id, const DecisionInput& decision) {
  TRY_VOID(check_decision(id, decision));
  const ApprovalStatus status = status_after(decision.action);
  return write<ApprovalInfo>({}, [&](Db& db) -> Result<ApprovalInfo> {
    TRY_VOID(lock_approval(db, id));
    const TimeMs at = db.now();
    Query set(db,
              "UPDATE wf_approval SET status = ?2, decided_by = ?3, feedback = ?4, edited = ?5, reason = ?6, decided_at = ?7"
              " WHERE approval_id = ?1 AND status = 'open' AND (due_at IS NULL OR due_at > ?7) AND (?8 = '' OR subject_hash = ?8)"
              // A cancellation was confirmed first, and nothing takes it back.
              " AND NOT EXISTS (SELECT 1 FROM wf_inbox WHERE run_id = wf_approval.run_id AND topic = 'cancel' AND taken_seq IS NULL)");
    set.bind(id.text).bind(enum_name(status)).bind(decision.decided_by).bind(decision.feedback).bind(decision.edited).bind(decision.reason);
    TRY(const int decided, set.bind(at).bind(decision.expected_subject_hash).run());
    TRY(ApprovalInfo approval, read_approval(db, id));
    if (decided == 0) {
      const std::string& expected = decision.expected_subject_hash;
      if (!expected.empty() && expected != approval.subject_hash) return other_subject(approval, expected);
      const bool open = approval.status == ApprovalStatus::open && (!approval.due_at || *approval.due_at > at);
      return open ? run_being_cancelled(approval) : approval_closed(approval);
    }
    Query wake(db, "UPDATE wf_run SET wake_no = wake_no + 1, updated_at = ?2 WHERE run_id = ?1");
    TRY_VOID(wake.bind(approval.run_id.text).bind(at).run());
    db.news();
    db.audit(audit_draft(approval));
    return approval;
  });
}

Result<ApprovalInfo> SqlJournal::expire(const ApprovalId& id) {
  return write<ApprovalInfo>({}, [&](Db& db) -> Result<ApprovalInfo> {
    TRY_VOID(lock_approval(db, id));
    Query set(db, "UPDATE wf_approval SET status = 'expired' WHERE approval_id = ?1 AND status = 'open' AND due_at <= ?2");
    TRY(const int expired, set.bind(id.text).bind(db.now()).run());
    TRY(ApprovalInfo approval, read_approval(db, id));
    if (expired > 0) db.audit(audit_draft(approval));
    return approval;
  });
}

Result<> SqlJournal::cancel(const RunId& run, const std::string& by, const std::string& reason) {
  return send(run, {.id = "cancel", .topic = "cancel", .sender = by, .body = Json::object().set("reason", reason)});
}

Result<> SqlJournal::send(const RunId& run, const NewMessage& message) {
  return committer(run).write(run, [&](Db& db) { return leave_message(db, run, message); });
}

Result<std::vector<Message>> SqlJournal::inbox(const RunId& run) {
  return read<std::vector<Message>>([&](Db& db) { return read_inbox(db, run); });
}

Result<std::vector<RunId>> SqlJournal::cancelled_runs(const NodeId& node) {
  return read<std::vector<RunId>>([&](Db& db) -> Result<std::vector<RunId>> {
    Query query(db,
                "SELECT run_id FROM wf_inbox JOIN wf_run USING (run_id) WHERE topic = 'cancel' AND taken_seq IS NULL"
                " AND status = 'running' AND owner = ?1 LIMIT ?2");
    query.bind(node.text).bind(std::int64_t{kListMax});
    std::vector<RunId> found;
    for (;;) {  // bounded by LIMIT
      TRY(const bool more, query.next());
      if (!more) return found;
      found.push_back({query.text(0)});
    }
  });
}

Result<RunInfo> SqlJournal::fork(const NewFork& fork) {
  return write<RunInfo>(fork.id, [&](Db& db) { return insert_fork(db, fork); });
}

Result<RunInfo> SqlJournal::import_run(const RunCopy& copy, const std::string& by) {
  return write<RunInfo>(copy.run.id, [&](Db& db) { return insert_copy(db, copy, by); });
}

Result<Pruned> SqlJournal::prune(const PruneLimits& limits) {
  const auto prune = [&](Db& db) { return prune_runs(db, limits); };
  return limits.dry ? read<Pruned>(prune) : write<Pruned>({}, prune);  // who only counts keeps nobody from writing
}

Result<JournalSize> SqlJournal::size() {
  TRY(JournalSize size, read<JournalSize>([](Db& db) { return count_rows(db); }));
  size.bytes = bytes_stored();
  return size;
}

Result<std::vector<RunCount>> SqlJournal::run_counts(const Sight& sight) {
  return read<std::vector<RunCount>>([&](Db& db) { return count_unfinished(db, sight); });
}

Result<bool> SqlJournal::note_refusal(const NewRefusal& refusal) {
  const NewRefusal kept = kept_refusal(refusal);
  TRY(const bool full, read<bool>([&](Db& db) { return refusals_are_full(db, kept); }));
  if (full) return false;  // a flood costs a look, and no write
  return write<bool>({}, [&](Db& db) { return write_refusal(db, kept); });
}

Result<std::vector<AuditEntry>> SqlJournal::audit(std::int64_t from, int limit, const RunId& of) {
  return read<std::vector<AuditEntry>>([&](Db& db) { return read_audit(db, from, limit, of); });
}

Result<AuditHead> SqlJournal::audit_head() {
  return read<AuditHead>([](Db& db) { return read_audit_head(db); });
}

Result<StoredToken> SqlJournal::add_token(const StoredToken& token) {
  return write<StoredToken>({}, [&](Db& db) { return insert_token(db, token); });
}

Result<std::vector<StoredToken>> SqlJournal::tokens() {
  return read<std::vector<StoredToken>>([](Db& db) { return read_tokens(db); });
}

Result<std::vector<StoredToken>> SqlJournal::tokens_beginning(std::string_view beginning) {
  return read<std::vector<StoredToken>>([&](Db& db) { return read_tokens_beginning(db, beginning); });
}

Result<StoredToken> SqlJournal::revoke_token(const std::string& name, const std::string& by) {
  return write<StoredToken>({}, [&](Db& db) { return journal_detail::revoke_token(db, name, by); });
}

Result<> SqlJournal::note_login(const std::string& who, const std::vector<std::string>& groups) {
  return committer({}).write({}, [&](Db& db) { return write_login(db, who, groups); });
}

Result<> SqlJournal::token_used(const std::string& hash) {
  return committer({}).write({}, [&](Db& db) { return note_token_used(db, hash); });
}

Result<OutboxEntry> SqlJournal::outbox_add(const OutboxEntry& entry) {
  // Most are there already: a server that begins adds what it may have missed.
  TRY(std::optional<OutboxEntry> there, read<std::optional<OutboxEntry>>([&](Db& db) { return read_outbox_entry(db, entry.channel, entry.key); }));
  if (there) return *std::move(there);
  return write<OutboxEntry>({}, [&](Db& db) { return insert_outbox_entry(db, entry); });
}

Result<int> SqlJournal::outbox_raise(const std::string& key, std::int64_t wanted) {
  return write<int>({}, [&](Db& db) { return raise_outbox(db, key, wanted); });
}

Result<std::optional<OutboxEntry>> SqlJournal::outbox_take(const std::string& channel, const std::string& holder, std::int64_t lease_ms) {
  TRY(const bool due, read<bool>([&](Db& db) { return outbox_has_due(db, channel); }));
  if (!due) return std::optional<OutboxEntry>();
  return write<std::optional<OutboxEntry>>({}, [&](Db& db) { return take_from_outbox(db, channel, holder, lease_ms); });
}

Result<bool> SqlJournal::outbox_settle(std::int64_t no, const std::string& holder, const OutboxOutcome& outcome) {
  return write<bool>({}, [&](Db& db) { return settle_in_outbox(db, no, holder, outcome); });
}

Result<std::vector<OutboxEntry>> SqlJournal::outbox_wanting(const std::string& kind, std::int64_t wanted_max) {
  return read<std::vector<OutboxEntry>>([&](Db& db) { return read_outbox_wanting(db, kind, wanted_max); });
}

Result<std::vector<OutboxCount>> SqlJournal::outbox_counts() {
  return read<std::vector<OutboxCount>>([](Db& db) { return count_outbox(db); });
}

Result<int> SqlJournal::outbox_forget() {
  TRY(const bool any, read<bool>([](Db& db) { return outbox_has_old(db); }));
  if (!any) return 0;
  return write<int>({}, [](Db& db) { return forget_outbox(db); });
}

}  // namespace sluice
