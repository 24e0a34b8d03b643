#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "workflow/ports/audit.h"
#include "workflow/ports/journal.h"

// Whether the audit chain is whole, and whether the journal says what it says.
namespace sluice {

/// Where the chain once ended, kept outside of the journal: what is in the chain up to there cannot be written anew unnoticed.
struct AuditAnchor {
  std::int64_t no = 0;
  std::string hash{};        ///< of entry `no`
  std::string first_hash{};  ///< of entry 1: tells one journal's chain from another's
  TimeMs at = 0;             ///< when it was noted
};

/// Something that is wrong.
struct AuditFault {
  std::int64_t no = 0;  ///< the entry; 0: it is about something that has none
  RunId run{};
  std::string path{};
  std::string what{};
};

struct AuditReport {
  AuditHead head{};
  std::int64_t entries = 0, decisions = 0, effects = 0, refusals = 0, anchors = 0;
  std::optional<TimeMs> begins_at{};  ///< time of the first entry
  NotCovered older{};                 ///< decisions and effects without entry that are older than the chain: they cannot be verified
  /// The same of what forks and imports brought in, where an older release wrote the entry: it has no hash over them.
  NotCovered brought_in{};
  std::int64_t runs = 0;             ///< in the journal, whose events and approvals were compared with the chain
  std::int64_t pruned_runs = 0;      ///< that the chain speaks of, and that retention has deleted
  std::vector<AuditFault> faults{};  ///< the first kFaultsKept
  std::int64_t fault_count = 0;
  bool whole = false;  ///< it was not stopped
  bool sound() const { return fault_count == 0; }
};
constexpr std::size_t kFaultsKept = 100;

struct AuditCheck {
  std::vector<AuditAnchor> anchors{};
  /// Told now and then what goes on: "entry 20,000 of 31,204". Must not block.
  std::function<void(const std::string& what)> progress{};
  std::stop_token stop{};
};

/// Reads the whole chain and recomputes every hash; then holds each run's events and approvals against its entries, both ways. Others may write
/// meanwhile. In bounded memory. What is wrong is in the report; errors are those of the journal. What can not be found: newest entries that were cut
/// off together with all that they speak of, or a chain that was written anew from its first changed entry on, unless an anchor says how it was.
Result<AuditReport> check_audit(Journal& journal, const AuditCheck& check = {});

/// E0131: the first fault of a report that has one.
Error audit_broken(const AuditReport& report);

}  // namespace sluice
