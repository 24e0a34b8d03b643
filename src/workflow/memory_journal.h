#pragma once
#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "workflow/ports/artifacts.h"
#include "workflow/ports/audit.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// A journal without a disk, for tests of workflows: the same contract as the real one, except that it ends with the object. Keep one
/// object over several engines to play a restart.
class MemoryJournal : public Journal {
 public:
  /// `now` must be callable from any thread.
  explicit MemoryJournal(std::function<TimeMs()> now, TimeMs lease_ms = 30'000) : now_(std::move(now)), lease_ms_(lease_ms) {}

  TimeMs now() const override { return now_(); }
  Result<NodeId> register_node() override;
  Result<> heartbeat(const NodeId& node) override;
  void release_node(const NodeId& node) override;
  std::chrono::milliseconds lease() const override { return std::chrono::milliseconds(lease_ms_); }
  Result<CreatedRun> create_run(const NewRun& run) override;
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override;
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override;
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
  std::uint64_t change_no() override;
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) override;

 private:
  struct Stored {
    RunInfo info{};
    std::vector<EventInfo> events{};
    std::vector<Message> inbox{};   // not taken
    std::set<std::string> sent{};   // ids of all messages
    std::optional<TimeMs> began{};  // its first claim
    bool cancelling() const {
      return std::any_of(inbox.begin(), inbox.end(), [](const Message& message) { return message.topic == kCancelTopic; });
    }
  };
  void insert_run(const NewRun& run, const RunInfo* parent, const std::string& parent_path);
  void take_over(Stored& stored, const NodeId& node);
  void keep_lease(const NodeId& node);
  bool within_limits(const Stored& candidate, const QueueLimits& limits) const;
  std::vector<Stored*> due(const ClaimDue& wanted);
  bool sees(const Sight& sight, const RunId& run) const;
  std::optional<Result<RunInfo>> fork_in_the_way(const NewFork& fork) const;
  Result<> spend(const RunId& run, const Spend& spend, std::int64_t seq);
  Result<> leave_message(Stored& stored, const NewMessage& message);
  void write_audit(std::vector<AuditDraft> drafts);
  bool may_prune(const RunInfo& root, TimeMs ended_before) const;
  bool owner_dead(const RunInfo& run) const;
  void insert_approval(const RunId& run, const NewApproval& approval);
  void leave(Stored& stored, const Transition& transition);
  void changed();

  std::function<TimeMs()> now_;
  TimeMs lease_ms_;
  mutable std::mutex mutex_{};
  std::condition_variable_any change_{};
  std::uint64_t changes_ = 0;
  std::map<RunId, Stored> runs_{};
  std::vector<ApprovalInfo> approvals_{};
  std::vector<AuditEntry> audit_{};
  struct Refusals {
    TimeMs since = 0;
    int noted = 0;
  };
  std::map<std::pair<std::string, std::string>, Refusals> refusals_{};  // by who and deed
  std::map<NodeId, TimeMs> leases_{};
  int nodes_ = 0;
};

/// Artifacts without a disk.
class MemoryArtifacts final : public Artifacts {
 public:
  Result<std::string> put(std::string_view bytes) override;
  Result<std::string> get(const std::string& hash) override;
  Result<Swept> sweep(const Sweep& sweep) override;
  void forget(const std::string& hash);
  /// From now on there is no room (E0204), or there is again.
  void set_full(bool full);

 private:
  std::mutex mutex_{};
  std::map<std::string, std::string> bytes_{};
  bool full_ = false;
};

}  // namespace sluice
