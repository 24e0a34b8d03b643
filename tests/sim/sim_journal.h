#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services.h"
#include "workflow/ports/journal.h"

namespace sluice::sim {

/// What remains of a simulated process that died: nothing. No std::exception, so that nothing takes it for an error.
struct Gone {};

/// What the journal has confirmed to somebody, and may therefore never lose.
struct Confirmed {
  std::vector<RunId> runs{};
  std::map<RunId, std::map<std::int64_t, std::string>> events{};  ///< hash of each by its number
  std::map<ApprovalId, ApprovalStatus> decisions{};
  std::map<RunId, std::vector<Message>> messages{};  ///< in the order in which they were sent, each once
};
std::string print_of(std::string_view path, EventType type, const Json& body);

/// The journal with a safeguard taken away, or with none. What the journal guards is taken away below what watches it, what the engine guards above.
class WeakJournal final : public Journal {
 public:
  struct Removed {
    bool fencing = false, intents = false, spending = false, wake_numbers = false, taking = false;
  };
  WeakJournal(Journal& real, Removed removed) : real_(real), removed_(removed) {}
  TimeMs now() const override { return real_.now(); }
  Result<NodeId> register_node() override { return real_.register_node(); }
  Result<> heartbeat(const NodeId& node) override { return real_.heartbeat(node); }
  void release_node(const NodeId& node) override { real_.release_node(node); }
  std::chrono::milliseconds lease() const override { return real_.lease(); }
  Result<CreatedRun> create_run(const NewRun& run) override { return real_.create_run(run); }
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override { return real_.claim_due(wanted); }
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override { return real_.claim(run, node); }
  Result<Appended> append(const Append& append) override;
  Result<RunInfo> run(const RunId& run) override { return real_.run(run); }
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override { return real_.runs(filter); }
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after, int limit) override { return real_.events(run, after, limit); }
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override { return real_.approvals(filter); }
  Result<ApprovalInfo> approval(const ApprovalId& id) override { return real_.approval(id); }
  Result<ApprovalInfo> open_approval_of(const RunId& run) override { return real_.open_approval_of(run); }
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override { return real_.decide(id, decision); }
  Result<ApprovalInfo> expire(const ApprovalId& id) override { return real_.expire(id); }
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override { return real_.cancel(run, by, reason); }
  Result<> send(const RunId& run, const NewMessage& message) override { return real_.send(run, message); }
  Result<std::vector<Message>> inbox(const RunId& run) override { return real_.inbox(run); }
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override { return real_.cancelled_runs(node); }
  Result<RunInfo> fork(const NewFork& fork) override { return real_.fork(fork); }
  Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) override { return real_.import_run(copy, by); }
  Result<Pruned> prune(const PruneLimits& limits) override { return real_.prune(limits); }
  Result<JournalSize> size() override { return real_.size(); }
  Result<std::vector<RunCount>> run_counts(const Sight& sight) override { return real_.run_counts(sight); }
  Result<bool> note_refusal(const NewRefusal& refusal) override { return real_.note_refusal(refusal); }
  Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of = {}) override { return real_.audit(from, limit, of); }
  Result<AuditHead> audit_head() override { return real_.audit_head(); }
  std::uint64_t change_no() override { return real_.change_no(); }
  std::uint64_t wait_for_change(std::uint64_t, std::chrono::milliseconds, std::stop_token) override { return real_.change_no(); }

 private:
  Journal& real_;
  Removed removed_;
};

/// The journal as one simulated process reaches it: at every call others may go on, the process may die, the write may fail before or after it is
/// done. It checks what the journal promises of each append, and notes what it confirmed.
class ProcessJournal final : public Journal {
 public:
  struct Ports {
    Journal& real;
    World& world;
    Confirmed& confirmed;
    std::function<void(std::string_view what)> moment;  ///< may throw Gone
    std::function<bool()> is_gone;
    std::function<void()> disturb;  ///< before a write that a disk may fail
    std::function<void()> settle;   ///< after it
  };
  explicit ProcessJournal(Ports ports) : ports_(std::move(ports)) {}

  TimeMs now() const override { return ports_.real.now(); }
  Result<NodeId> register_node() override;
  Result<> heartbeat(const NodeId& node) override;
  void release_node(const NodeId& node) override;
  std::chrono::milliseconds lease() const override { return ports_.real.lease(); }
  Result<CreatedRun> create_run(const NewRun& run) override;
  Result<std::vector<RunInfo>> claim_due(const ClaimDue& wanted) override;
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override;
  Result<Appended> append(const Append& append) override;
  Result<RunInfo> run(const RunId& run) override;
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override;
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after, int limit) override;
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override;
  Result<ApprovalInfo> approval(const ApprovalId& id) override;
  Result<ApprovalInfo> open_approval_of(const RunId& run) override { return ports_.real.open_approval_of(run); }
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override { return ports_.real.decide(id, decision); }
  Result<ApprovalInfo> expire(const ApprovalId& id) override;
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override { return ports_.real.cancel(run, by, reason); }
  Result<> send(const RunId& run, const NewMessage& message) override { return ports_.real.send(run, message); }
  Result<std::vector<Message>> inbox(const RunId& run) override;
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override;
  Result<RunInfo> fork(const NewFork& fork) override { return ports_.real.fork(fork); }
  Result<RunInfo> import_run(const RunCopy& copy, const std::string& by) override { return ports_.real.import_run(copy, by); }
  Result<Pruned> prune(const PruneLimits& limits) override { return ports_.real.prune(limits); }
  Result<JournalSize> size() override { return ports_.real.size(); }
  Result<std::vector<RunCount>> run_counts(const Sight& sight) override { return ports_.real.run_counts(sight); }
  Result<bool> note_refusal(const NewRefusal& refusal) override { return ports_.real.note_refusal(refusal); }
  Result<std::vector<AuditEntry>> audit(std::int64_t from, int limit, const RunId& of = {}) override { return ports_.real.audit(from, limit, of); }
  Result<AuditHead> audit_head() override { return ports_.real.audit_head(); }
  std::uint64_t change_no() override { return ports_.real.change_no(); }
  std::uint64_t wait_for_change(std::uint64_t, std::chrono::milliseconds, std::stop_token) override {
    ports_.moment("waits for a change");
    return ports_.real.change_no();
  }

 private:
  template <class Fn>
  std::invoke_result_t<Fn> read(std::string_view what, const Fn& fn);
  template <class Fn>
  std::invoke_result_t<Fn> write(std::string_view what, const Fn& fn);
  void check_append(const Append& append, const RunInfo& before, const Appended& answer);
  void tell_append(const Append& append, const Result<Appended>& answer);
  Ports ports_;
};

}  // namespace sluice::sim
