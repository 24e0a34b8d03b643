#pragma once
#include <chrono>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// The append-only record of all runs, shared by processes. Every method may be called from any thread. What a method confirmed
/// survives `kill -9` and loss of power. Errors of the store are of kind `storage` and carry a next step; refusals have the codes
/// named here (see journal_errors.h).
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  /// The database's clock.
  virtual TimeMs now() const = 0;

  /// A name for an engine, with a lease, and a sign of life that ends with the process at the latest.
  virtual Result<NodeId> register_node() = 0;
  /// Prolongs the lease of the node's runs.
  virtual Result<> heartbeat(const NodeId& node) = 0;
  /// The node is gone: what it still owns may be claimed at once. Never fails: the lease ends anyway.
  virtual void release_node(const NodeId& node) = 0;

  /// How long a node's lease lasts after its registration or a heartbeat. A claim leaves at least half of it, and need not prolong it.
  virtual std::chrono::milliseconds lease() const = 0;

  /// Inserts the run and its first event. Refusal: E0121 (dedup_key taken by another workflow or input).
  virtual Result<CreatedRun> create_run(const NewRun& run) = 0;
  /// Raises the epoch and makes `node` the owner. Takes a running run over only where its owner's lease has ended or the owner is
  /// provably dead. Refusals: E0102 (no such run), E0104 (owned by a living node), E0115 (finished), E0129 (imported).
  virtual Result<RunInfo> claim(const RunId& run, const NodeId& node) = 0;
  /// Claims what is due, as `claim` does: ready runs by priority and age, parked ones whose time or news has come, and running ones of dead owners,
  /// as far as the queues' limits let them. Several nodes at once get different runs. Empty: nothing is due.
  virtual Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) = 0;
  /// Appends all of it or nothing; where it ends the run, its parent is woken and its children are asked to end. Refusals: E0105 (not the owner any
  /// more, or the head moved), E0113 (approval cannot be spent).
  virtual Result<Appended> append(const Append& append) = 0;

  virtual Result<RunInfo> run(const RunId& run) = 0;  ///< E0102
  /// Newest first.
  virtual Result<std::vector<RunInfo>> runs(const RunFilter& filter) = 0;
  /// In order, those with a number above `after_seq`, at most `limit`. E0102.
  virtual Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after_seq = 0, int limit = kEventsMax) = 0;

  /// Newest first.
  virtual Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) = 0;
  virtual Result<ApprovalInfo> approval(const ApprovalId& id) = 0;  ///< E0106
  /// The oldest open approval of a run (by its run id, approval.json's `thread_id`). E0102, E0106.
  virtual Result<ApprovalInfo> open_approval_of(const RunId& run) = 0;
  /// Decides once. Competes with `expire` for the row: exactly one of all calls wins. Refusals: E0106 (unknown), E0107 (already
  /// decided: by whom, when, how), E0108 (expired), E0109 (void), E0110 (other subject), E0111 (malformed).
  virtual Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) = 0;
  /// Expires an open approval whose time has passed; whatever the outcome of the race, returns the approval as it is then.
  virtual Result<ApprovalInfo> expire(const ApprovalId& id) = 0;

  /// Leaves a message for the owner; only the owner changes the run's status. Refusals: E0102, E0115. Asking twice is no error.
  virtual Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) = 0;
  /// Leaves a message for the run. Refusals: E0102, E0115. The same id again is no error and changes nothing.
  virtual Result<> send(const RunId& run, const NewMessage& message) = 0;
  /// Messages that the run has not taken, oldest first.
  virtual Result<std::vector<Message>> inbox(const RunId& run) = 0;
  /// Runs in the node's hands for which a cancel message waits.
  virtual Result<std::vector<RunId>> cancelled_runs(const NodeId& node) = 0;

  /// Begins a run with a part of another one's history: `ready`, with no approval of its own. Refusals: E0102, E0121 (dedup_key taken by
  /// another request), E0127 (no such event). The same fork with the same dedup_key again is the run that there is: it has another id than `fork.id`.
  virtual Result<RunInfo> fork(const NewFork& fork) = 0;
  /// Takes in a run of another journal, to be looked at and forked. E0128 where its id is there already.
  virtual Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) = 0;
  /// Deletes what ended long ago, and approvals whose run is gone already; never what an unfinished run of the same root needs, nor the audit chain,
  /// which names what was deleted.
  virtual Result<Pruned> prune(const PruneLimits& limits) = 0;
  virtual Result<JournalSize> size() = 0;
  /// Runs that have not ended, by queue and status, in no order. Reads every run: for figures, now and then.
  virtual Result<std::vector<RunCount>> run_counts(const Sight& sight) = 0;

  /// Notes in the audit chain that somebody was refused something. False: so many are there already that this one left no entry (kRefusalsNoted).
  virtual Result<bool> note_refusal(const NewRefusal& refusal) = 0;
  /// The audit chain, in order, from entry `from` on, at most `limit`; where given, only what speaks of that run.
  virtual Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of = {}) = 0;
  /// The newest entry's number and hash as they are kept beside the chain. Before the first entry, what the chain begins with: see audit.h.
  virtual Result<AuditHead> audit_head() = 0;

  /// Reads everything that is kept and says what is damaged, where the store can tell. Slow on a large one.
  virtual Result<> check() { return {}; }

  /// Another number after every change that a waiting run or worker may want to see. To be read before a look at the rows: what is written since
  /// then cannot be missed.
  virtual std::uint64_t change_no() = 0;
  /// Blocks until it is another than `seen` (by any process, where the store can tell at once; else by this one), or for `at_most`, or until stopped;
  /// what it is then.
  virtual std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) = 0;
};

}  // namespace sluice
