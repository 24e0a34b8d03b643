#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "workflow/ports/clock.h"
#include "workflow/ports/journal.h"

namespace sluice::workflow_detail {

/// So long before it can have ended in the journal, a lease ends here: the time that calls in flight have to stop. At most a quarter of the lease.
constexpr std::chrono::milliseconds kLeaseMargin{2'000};

/// One node of the engine, and until when the journal surely keeps its runs from others. Its time is reckoned from before each call that surely
/// prolonged it (its registration, heartbeats; not claims), by a clock that counts also while the machine sleeps. Any thread.
class Lease {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// `begun`: when its registration began.
  Lease(NodeId node, Clock& clock, std::chrono::milliseconds length, Time begun);

  const NodeId& node() const { return node_; }
  /// To be read right before a heartbeat.
  Time now() const { return clock_.boot_time(); }
  /// A heartbeat that began then was confirmed.
  void prolonged(Time begun);
  /// False for good once its time has run out, even where a later heartbeat gets through: in the gap its runs may have been taken over.
  bool is_certain();
  /// No more claims with it: one got no answer, and may have given it a run that nobody here knows of. It is given back once nobody holds it.
  void retire() { retired_ = true; }
  bool is_retired() const { return retired_; }
  /// Since what prolonged it last.
  std::chrono::milliseconds age() const;

 private:
  bool is_over();
  const NodeId node_;
  Clock& clock_;
  const std::chrono::milliseconds lasts_;
  mutable std::mutex mutex_{};  // never held over a call of the journal: whoever asks whether it is certain must not wait
  Time begun_;
  bool over_ = false;
  std::atomic<bool> retired_{false};
};

/// The engine's nodes: one at a time, and another one once its lease has run out. Any thread.
class Leases {
 public:
  /// `heartbeat`: how often a lease is prolonged; 0: four times in its length.
  Leases(Journal& journal, Clock& clock, std::chrono::milliseconds heartbeat);
  ~Leases();
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  /// The lease to claim with. Whoever keeps it keeps it alive.
  Result<std::shared_ptr<Lease>> hold();
  /// From now on it is prolonged even while nobody holds it: for who claims again and again.
  void keep_alive() { kept_alive_ = true; }
  /// Prolongs what is held, where it is time to.
  Result<> beat();
  /// What ran out, and is held by nobody any more, is given back: whatever it still owns may be claimed at once.
  void release_unused();
  /// Nodes in whose hands runs may be.
  std::vector<NodeId> in_use() const;

 private:
  std::shared_ptr<Lease> usable() const;
  Journal& journal_;
  Clock& clock_;
  const std::chrono::milliseconds length_, heartbeat_;
  std::atomic<bool> kept_alive_{false};
  std::mutex registering_{};                      // held over a call of the journal
  mutable std::mutex mutex_{};                    // guards what follows; never held over one
  std::vector<std::shared_ptr<Lease>> leases_{};  // the last one is for new claims
  Lease::Time beat_again_at_{};                   // after one that failed
};

}  // namespace sluice::workflow_detail
