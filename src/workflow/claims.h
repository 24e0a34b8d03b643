#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "workflow/lease.h"

namespace sluice::workflow_detail {

/// A run in this engine's hands, and the lease that keeps it there.
struct Claimed {
  RunInfo run{};
  std::shared_ptr<Lease> lease{};
};

/// What the engine takes from queues: runs that it has claimed and not begun, and those that it could not go on with because the journal failed. Any
/// thread.
class Claims {
 public:
  Claims(Journal& journal, Leases& leases) : journal_(journal), leases_(leases) {}

  Result<Claimed> one(const RunId& run);
  /// The node of `wanted` is filled in.
  Result<std::vector<RunInfo>> due(ClaimDue wanted);
  /// The lease of a run that `due` gave, once; null for any other.
  std::shared_ptr<Lease> begin(const RunId& run);
  bool contains(const RunId& run) const;
  /// The execution of a run that was claimed here is over. Where an error of the journal may have left the run in this node's hands, nobody else
  /// would take it up while the node lives: `due` claims it again, after a while.
  void ended(const RunId& run, const std::shared_ptr<Lease>& lease, bool may_be_left);
  /// Whether there are such runs, which `due` will give once more.
  bool has_left() const;

 private:
  struct Left {
    std::shared_ptr<Lease> lease{};  // which keeps the run from others, as long as it is held
    Lease::Time again_at{};
    int times = 0;
  };
  std::vector<std::pair<RunId, std::shared_ptr<Lease>>> left_and_due(int limit);
  Result<> claim_due(const std::shared_ptr<Lease>& lease, ClaimDue wanted, std::vector<Claimed>& claimed);
  Result<bool> claim_again(const std::shared_ptr<Lease>& lease, const RunId& run, std::vector<Claimed>& claimed);

  Journal& journal_;
  Leases& leases_;
  mutable std::mutex mutex_{};  // guards what follows
  std::map<RunId, std::shared_ptr<Lease>> claimed_{};
  std::map<RunId, Left> left_{};
};

}  // namespace sluice::workflow_detail
