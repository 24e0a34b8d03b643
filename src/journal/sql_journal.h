#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/ports/outbox.h"
#include "app/ports/token_store.h"
#include "journal/committer.h"
#include "journal/db.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// The journal's operations in SQL, the tokens of those who use it over the network, and what chat channels are told, the same for all stores; a
/// store says how it connects, who is alive, and how it waits. Any thread.
class SqlJournal : public Journal, public TokenStore, public Outbox {
 public:
  Result<> heartbeat(const NodeId& node) override;
  Result<CreatedRun> create_run(const NewRun& run) override;
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override;
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override;
  Result<Appended> append(const Append& append) override;
  Result<RunInfo> run(const RunId& run) override;
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override;
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after_seq = 0, int limit = kEventsMax) override;
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override;
  Result<ApprovalInfo> approval(const ApprovalId& id) override;
  Result<ApprovalInfo> open_approval_of(const RunId& run) override;
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override;
  Result<ApprovalInfo> expire(const ApprovalId& id) override;
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override;
  Result<> send(const RunId& run, const NewMessage& message) override;
  Result<std::vector<Message>> inbox(const RunId& run) override;
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override;
  Result<RunInfo> fork(const NewFork& fork) override;
  Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) override;
  Result<Pruned> prune(const PruneLimits& limits) override;
  Result<JournalSize> size() override;
  Result<std::vector<RunCount>> run_counts(const Sight& sight) override;
  Result<bool> note_refusal(const NewRefusal& refusal) override;
  Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of = {}) override;
  Result<AuditHead> audit_head() override;

  TimeMs now() const override = 0;
  Result<StoredToken> add_token(const StoredToken& token) override;
  Result<std::vector<StoredToken>> tokens() override;
  Result<std::vector<StoredToken>> tokens_beginning(std::string_view beginning) override;
  Result<StoredToken> revoke_token(const std::string& name, const std::string& by) override;
  Result<> token_used(const std::string& hash) override;
  Result<> note_login(const std::string& who, const std::vector<std::string>& groups) override;
  Result<OutboxEntry> outbox_add(const OutboxEntry& entry) override;
  Result<int> outbox_raise(const std::string& key, std::int64_t wanted) override;
  Result<std::optional<OutboxEntry>> outbox_take(const std::string& channel, const std::string& holder, std::int64_t lease_ms) override;
  Result<bool> outbox_settle(std::int64_t no, const std::string& holder, const OutboxOutcome& outcome) override;
  Result<std::vector<OutboxEntry>> outbox_wanting(const std::string& kind, std::int64_t wanted_max) override;
  Result<std::vector<OutboxCount>> outbox_counts() override;
  Result<int> outbox_forget() override;

 protected:
  /// Who commits what is written about this run; "" for what is about none or many.
  virtual journal_detail::Committer& committer(const RunId& run) = 0;
  /// Lends a connection that reads.
  virtual Result<> with_reader(const std::function<Result<>(journal_detail::Db&)>& use) = 0;
  /// Beside its lease: there may be a sign that tells at once.
  virtual bool is_dead_for_sure(const NodeId& node) = 0;
  virtual std::int64_t bytes_stored() = 0;

 private:
  template <class T, class Fn>
  Result<T> write(const RunId& run, const Fn& fn);
  template <class T, class Fn>
  Result<T> read(const Fn& fn);
};

}  // namespace sluice
