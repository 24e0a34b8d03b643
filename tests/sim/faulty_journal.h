#pragma once
#include <type_traits>

#include "workflow/ports/journal.h"

namespace sluice::sim {

/// What remains of a process that died: nothing. No std::exception, so that nothing takes it for an error.
struct Death {};

/// Counts the moments at which a process can die, and lets it die at chosen ones.
class Fate {
 public:
  explicit Fate(int dies_at = 0) : dies_at_(dies_at) {}
  void moment() {
    if (dead_) throw Death{};
    if (++moments_ != dies_at_) return;
    dead_ = true;
    throw Death{};
  }
  int moments() const { return moments_; }
  bool is_dead() const { return dead_; }

 private:
  int dies_at_;
  int moments_ = 0;
  bool dead_ = false;
};

/// The journal as a process sees it that may die before and after each of its writes. After its death it reaches nothing.
class FaultyJournal final : public Journal {
 public:
  FaultyJournal(Journal& real, Fate& fate) : real_(real), fate_(fate) {}

  TimeMs now() const override { return real_.now(); }
  Result<NodeId> register_node() override { return real_.register_node(); }
  Result<> heartbeat(const NodeId& node) override { return real_.heartbeat(node); }
  void release_node(const NodeId& node) override {
    if (!fate_.is_dead()) real_.release_node(node);
  }
  Result<CreatedRun> create_run(const NewRun& run) override {
    return around([&] { return real_.create_run(run); });
  }
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override {
    return around([&] { return real_.claim(run, node); });
  }
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override {
    return around([&] { return real_.claim_due(wanted); });
  }
  Result<Appended> append(const Append& append) override {
    return around([&] { return real_.append(append); });
  }
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override {
    return around([&] { return real_.decide(id, decision); });
  }
  Result<ApprovalInfo> expire(const ApprovalId& id) override {
    return around([&] { return real_.expire(id); });
  }
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override {
    return around([&] { return real_.cancel(run, by, reason); });
  }
  Result<> send(const RunId& run, const NewMessage& message) override {
    return around([&] { return real_.send(run, message); });
  }
  Result<RunInfo> fork(const NewFork& fork) override {
    return around([&] { return real_.fork(fork); });
  }
  Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) override {
    return around([&] { return real_.import_run(copy, by); });
  }
  Result<Pruned> prune(const PruneLimits& limits) override {
    return around([&] { return real_.prune(limits); });
  }
  Result<bool> note_refusal(const NewRefusal& refusal) override {
    return around([&] { return real_.note_refusal(refusal); });
  }
  std::chrono::milliseconds lease() const override { return real_.lease(); }
  Result<JournalSize> size() override { return real_.size(); }
  Result<std::vector<RunCount>> run_counts(const Sight& sight) override { return real_.run_counts(sight); }
  Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of = {}) override { return real_.audit(from, limit, of); }
  Result<AuditHead> audit_head() override { return real_.audit_head(); }
  Result<RunInfo> run(const RunId& run) override { return real_.run(run); }
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override { return real_.runs(filter); }
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after, int limit) override { return real_.events(run, after, limit); }
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override { return real_.approvals(filter); }
  Result<ApprovalInfo> approval(const ApprovalId& id) override { return real_.approval(id); }
  Result<ApprovalInfo> open_approval_of(const RunId& run) override { return real_.open_approval_of(run); }
  Result<std::vector<Message>> inbox(const RunId& run) override { return real_.inbox(run); }
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override { return real_.cancelled_runs(node); }
  std::uint64_t change_no() override { return real_.change_no(); }
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) override {
    return real_.wait_for_change(seen, at_most, std::move(stop));
  }

 private:
  template <class Fn>
  std::invoke_result_t<Fn> around(const Fn& write) {
    fate_.moment();
    auto outcome = write();
    fate_.moment();
    return outcome;
  }
  Journal& real_;
  Fate& fate_;
};

}  // namespace sluice::sim
