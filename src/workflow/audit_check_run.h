#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "workflow/audit_check.h"

namespace sluice::workflow_detail {

/// The first few faults, and how many there are.
class FaultList {
 public:
  void add(AuditFault fault) {
    if (kept_.size() < kFaultsKept) kept_.push_back(std::move(fault));
    ++count_;
  }
  const std::vector<AuditFault>& kept() const { return kept_; }
  std::int64_t count() const { return count_; }

 private:
  std::vector<AuditFault> kept_{};
  std::int64_t count_ = 0;
};

/// A decision or an effect that has no entry.
struct Uncovered {
  RunId run{};
  std::string path{}, what{};
  TimeMs at = 0;
  bool is_decision = false;
  bool is_brought_in = false;  ///< by a fork or an import whose entry has no hash over it
};

/// One run's events and approvals against the entries that speak of it.
class RunAudit {
 public:
  RunAudit(Journal& journal, RunId run) : journal_(&journal), run_(std::move(run)) {}
  /// All of it. A run that is gone by now has no faults.
  Result<> look();
  /// One approval whose run is gone.
  Result<> look_at_homeless(const ApprovalInfo& approval);

  const std::vector<AuditFault>& faults() const { return faults_; }
  const std::vector<Uncovered>& older() const { return uncovered_; }

 private:
  Result<bool> read();
  Result<> read_entries();
  void sort_entries();
  void check_origin();
  const AuditEntry* beginning() const { return import_ != nullptr ? import_ : fork_; }
  std::int64_t brought_in() const;
  void check_brought_in();
  Result<> check_against_origins();
  void check_event(const EventInfo& event);
  void check_decided(const EventInfo& event);
  void check_approval(const ApprovalInfo& approval);
  void check_decision(const ApprovalInfo& approval, const AuditEntry& entry);
  void check_brought(const ApprovalInfo& approval);
  void check_spending(const ApprovalId& of = {});
  Result<> check_leftovers();
  void fault(const AuditEntry& entry, std::string what);

  Journal* journal_;
  RunId run_;
  RunInfo info_{};
  std::vector<EventInfo> events_{};
  std::vector<ApprovalInfo> approvals_{};
  std::vector<AuditEntry> entries_{};
  std::map<std::int64_t, const AuditEntry*> by_event_{};
  std::map<std::string, const AuditEntry*> by_approval_{};
  const AuditEntry* fork_ = nullptr;    // what says that it is one
  const AuditEntry* import_ = nullptr;  // the same
  std::set<std::int64_t> met_{};        // entries whose event or approval was found
  std::vector<AuditFault> faults_{};
  std::vector<Uncovered> uncovered_{};
};

}  // namespace sluice::workflow_detail
