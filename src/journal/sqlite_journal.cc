#include "journal/sqlite_journal.h"

#include <mutex>
#include <utility>

#include "journal/append.h"
#include "journal/committer.h"
#include "journal/journal_file.h"
#include "journal/nodes.h"
#include "journal/rows.h"
#include "journal/storage_errors.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {

using namespace journal_detail;

struct SqliteJournal::Inner {
  Inner(std::string path, SqliteJournalOptions the_options, JournalFile the_journal)
      : file(std::move(path)), options(std::move(the_options)), opened(std::move(the_journal)) {}

  /// Runs the write in a group commit; what it returns is handed out after COMMIT.
  template <class T, class Fn>
  Result<T> write(const Fn& fn) {
    std::optional<T> value;
    TRY_VOID(committer.write([&](SqliteDb& db) -> Result<> {
      Result<T> outcome = fn(db);
      if (!outcome) return std::move(outcome).error();
      value = *std::move(outcome);
      return {};
    }));
    return *std::move(value);
  }
  template <class Fn>
  auto read(const Fn& fn) {
    const std::scoped_lock guard(reading);
    return fn(*opened.reader);
  }
  bool owner_dead(SqliteDb& db, const RunInfo& run);
  Result<> prolong(SqliteDb& db, const NodeId& node, TimeMs now);

  std::string file;
  SqliteJournalOptions options;
  JournalFile opened;
  std::mutex reading{};
  Nodes nodes{file + ".nodes"};
  Committer committer{*opened.writer, opened.lock};
};

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& file, SqliteJournalOptions options) {
  TRY(JournalFile opened, open_journal_file(file, options.busy_timeout));
  if (!options.now) options.now = system_time;
  auto inner = std::make_unique<Inner>(file, std::move(options), std::move(opened));
  return std::unique_ptr<SqliteJournal>(new SqliteJournal(std::move(inner)));
}

SqliteJournal::SqliteJournal(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
SqliteJournal::~SqliteJournal() = default;

Result<> SqliteJournal::check() {
  return inner_->read([&](SqliteDb& db) -> Result<> {
    Query query(db, "PRAGMA integrity_check(1)");
    TRY(const bool row, query.next());
    if (!row || query.text(0) != "ok") return damaged(inner_->file, "its pages contradict each other");
    return {};
  });
}

TimeMs SqliteJournal::now() const { return inner_->options.now(); }

Result<> SqliteJournal::Inner::prolong(SqliteDb& db, const NodeId& node, TimeMs now) {
  Query lease(db, "INSERT INTO wf_node VALUES (?1, ?2) ON CONFLICT (node_id) DO UPDATE SET lease_until = ?2");
  TRY_VOID(lease.bind(node.text).bind(now + options.lease.count()).run());
  return {};
}

Result<NodeId> SqliteJournal::register_node() { return inner_->nodes.add(); }

Result<> SqliteJournal::heartbeat(const NodeId& node) {
  return inner_->committer.write([&](SqliteDb& db) { return inner_->prolong(db, node, now()); });
}

void SqliteJournal::release_node(const NodeId& node) { inner_->nodes.remove(node); }

bool SqliteJournal::Inner::owner_dead(SqliteDb& db, const RunInfo& run) {
  if (run.status != RunStatus::running) return false;
  if (nodes.is_dead(run.owner)) return true;
  Query lease(db, "SELECT lease_until FROM wf_node WHERE node_id = ?1");
  const auto row = lease.bind(run.owner.text).next();
  return row && *row && lease.integer(0) <= options.now();
}

Result<CreatedRun> SqliteJournal::create_run(const NewRun& run) {
  const std::string labels = run.labels.dump();
  const std::string body = Json::object().set("input", run.input).dump();
  return inner_->write<CreatedRun>([&](SqliteDb& db) -> Result<CreatedRun> {
    if (!run.dedup_key.empty()) {
      Query known(db, "SELECT run_id FROM wf_run WHERE dedup_key = ?1");
      TRY(const bool found, known.bind(run.dedup_key).next());
      if (found) {
        TRY(RunInfo existing, read_run(db, {known.text(0)}));
        TRY(const auto first, read_events(db, existing.id, 0, 1));
        const bool same = existing.name == run.name && !first.empty() && first.front().body["input"] == run.input;
        if (!same) return dedup_taken(run, existing);
        return CreatedRun{std::move(existing), true};
      }
    }
    const bool claimed = !run.claim_by.empty();
    const TimeMs at = now();
    Query insert(db,
                 "INSERT INTO wf_run (run_id, name, code_version, dedup_key, labels, status, created_at, updated_at, deadline_at, head_seq,"
                 " epoch, idle_claims, owner) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, 1, ?9, ?9, ?10)");
    insert.bind(run.id.text).bind(run.name).bind(run.code_version);
    run.dedup_key.empty() ? insert.bind_null() : insert.bind(run.dedup_key);
    insert.bind(labels).bind(claimed ? "running" : "ready").bind(at).bind(run.deadline_at).bind(std::int64_t{claimed});
    claimed ? insert.bind(run.claim_by.text) : insert.bind_null();
    TRY_VOID(insert.run());
    Query first(db, "INSERT INTO wf_event VALUES (?1, 1, ?2, ?3, '', 0, '', ?4, ?5)");
    TRY_VOID(first.bind(run.id.text).bind(std::int64_t{claimed}).bind(static_cast<std::int64_t>(EventType::run_started)).bind(body).bind(at).run());
    if (claimed) TRY_VOID(inner_->prolong(db, run.claim_by, at));
    RunInfo info{.id = run.id, .name = run.name, .code_version = run.code_version, .dedup_key = run.dedup_key};
    info.status = claimed ? RunStatus::running : RunStatus::ready;
    info.labels = run.labels;
    info.created_at = info.updated_at = at;
    info.deadline_at = run.deadline_at;
    info.head_seq = 1;
    info.epoch = info.idle_claims = claimed ? 1 : 0;
    info.owner = run.claim_by;
    return CreatedRun{std::move(info), false};
  });
}

Result<RunInfo> SqliteJournal::claim(const RunId& run, const NodeId& node) {
  return inner_->write<RunInfo>([&](SqliteDb& db) -> Result<RunInfo> {
    TRY(const RunInfo before, read_run(db, run));
    if (is_final(before.status)) return run_finished(before);
    if (before.status == RunStatus::running && before.owner != node && !inner_->owner_dead(db, before)) return run_owned(before);
    const TimeMs at = now();
    Query take(db,
               "UPDATE wf_run SET status = 'running', owner = ?2, epoch = epoch + 1, idle_claims = idle_claims + 1, reason = '', wake_at = NULL,"
               " updated_at = ?3 WHERE run_id = ?1");
    TRY_VOID(take.bind(run.text).bind(node.text).bind(at).run());
    if (!before.owner.empty() && before.owner != node) {
      Query forget(db, "DELETE FROM wf_node WHERE node_id = ?1");
      TRY_VOID(forget.bind(before.owner.text).run());
    }
    TRY_VOID(inner_->prolong(db, node, at));
    return read_run(db, run);
  });
}

Result<Appended> SqliteJournal::append(const Append& append) {
  const PreparedAppend prepared = prepare_append(append);
  return inner_->write<Appended>([&](SqliteDb& db) { return write_append(db, prepared, now()); });
}

Result<RunInfo> SqliteJournal::run(const RunId& run) {
  return inner_->read([&](SqliteDb& db) -> Result<RunInfo> {
    TRY(RunInfo info, read_run(db, run));
    info.owner_dead = inner_->owner_dead(db, info);
    return info;
  });
}

Result<std::vector<RunInfo>> SqliteJournal::runs(const RunFilter& filter) {
  return inner_->read([&](SqliteDb& db) -> Result<std::vector<RunInfo>> {
    TRY(auto found, read_runs(db, filter));
    for (RunInfo& info : found) info.owner_dead = inner_->owner_dead(db, info);
    return found;
  });
}

Result<std::vector<EventInfo>> SqliteJournal::events(const RunId& run, std::int64_t after_seq, int limit) {
  return inner_->read([&](SqliteDb& db) -> Result<std::vector<EventInfo>> {
    TRY(auto found, read_events(db, run, after_seq, limit));
    if (found.empty()) TRY_VOID(read_run(db, run));
    return found;
  });
}

Result<std::vector<ApprovalInfo>> SqliteJournal::approvals(const ApprovalFilter& filter) {
  return inner_->read([&](SqliteDb& db) { return read_approvals(db, filter); });
}

Result<ApprovalInfo> SqliteJournal::approval(const ApprovalId& id) {
  return inner_->read([&](SqliteDb& db) { return read_approval(db, id); });
}

Result<ApprovalInfo> SqliteJournal::open_approval_of(const RunId& run) {
  return inner_->read([&](SqliteDb& db) -> Result<ApprovalInfo> {
    TRY_VOID(read_run(db, run));
    return read_open_approval(db, run);
  });
}

Result<ApprovalInfo> SqliteJournal::decide(const ApprovalId& id, const DecisionInput& decision) {
  TRY_VOID(check_decision(id, decision));
  const ApprovalStatus status = status_after(decision.action);
  return inner_->write<ApprovalInfo>([&](SqliteDb& db) -> Result<ApprovalInfo> {
    const TimeMs at = now();
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
    return approval;
  });
}

Result<ApprovalInfo> SqliteJournal::expire(const ApprovalId& id) {
  return inner_->write<ApprovalInfo>([&](SqliteDb& db) -> Result<ApprovalInfo> {
    Query set(db, "UPDATE wf_approval SET status = 'expired' WHERE approval_id = ?1 AND status = 'open' AND due_at <= ?2");
    TRY_VOID(set.bind(id.text).bind(now()).run());
    return read_approval(db, id);
  });
}

Result<> SqliteJournal::cancel(const RunId& run, const std::string& by, const std::string& reason) {
  const std::string body = Json::object().set("reason", reason).dump();
  return inner_->committer.write([&](SqliteDb& db) -> Result<> {
    TRY(const RunInfo info, read_run(db, run));
    if (is_final(info.status)) return run_finished(info);
    Query wake(db, "UPDATE wf_run SET wake_no = wake_no + 1 WHERE run_id = ?1");
    TRY_VOID(wake.bind(run.text).run());
    Query message(db, "INSERT INTO wf_inbox VALUES (?1, 'cancel', 'cancel', ?2, ?3, ?4, NULL) ON CONFLICT DO NOTHING");
    TRY_VOID(message.bind(run.text).bind(body).bind(by).bind(now()).run());
    return {};
  });
}

Result<std::vector<Message>> SqliteJournal::inbox(const RunId& run) {
  return inner_->read([&](SqliteDb& db) { return read_inbox(db, run); });
}

Result<std::vector<RunId>> SqliteJournal::cancelled_runs(const NodeId& node) {
  return inner_->read([&](SqliteDb& db) -> Result<std::vector<RunId>> {
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

void SqliteJournal::wait_for_change(std::chrono::milliseconds at_most, std::stop_token stop) {
  inner_->committer.wait_for_change(at_most, std::move(stop));
}

}  // namespace sluice
