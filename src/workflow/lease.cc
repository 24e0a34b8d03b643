#include "workflow/lease.h"

#include <algorithm>
#include <iterator>

namespace sluice::workflow_detail {
namespace {

constexpr int kBeatsPerLease = 4;
constexpr int kMarginShareMax = 4;  // the margin is at most this part of the lease
constexpr std::chrono::milliseconds kBeatAgainAfter{500};

std::chrono::milliseconds margin_of(std::chrono::milliseconds length) { return std::min(kLeaseMargin, length / kMarginShareMax); }

}  // namespace

Lease::Lease(NodeId node, Clock& clock, std::chrono::milliseconds length, Time begun)
    : node_(std::move(node)), clock_(clock), lasts_(length - margin_of(length)), begun_(begun) {}

bool Lease::is_over() {
  over_ = over_ || now() - begun_ >= lasts_;
  return over_;
}

void Lease::prolonged(Time begun) {
  const std::scoped_lock lock(mutex_);
  if (!is_over()) begun_ = std::max(begun_, begun);
}

bool Lease::is_certain() {
  const std::scoped_lock lock(mutex_);
  return !is_over();
}

std::chrono::milliseconds Lease::age() const {
  const std::scoped_lock lock(mutex_);
  return std::chrono::duration_cast<std::chrono::milliseconds>(now() - begun_);
}

Leases::Leases(Journal& journal, Clock& clock, std::chrono::milliseconds heartbeat)
    : journal_(journal),
      clock_(clock),
      length_(journal.lease()),
      heartbeat_(heartbeat.count() > 0 ? heartbeat : std::max(length_ / kBeatsPerLease, std::chrono::milliseconds(1))) {}

Leases::~Leases() {
  for (const auto& lease : leases_) journal_.release_node(lease->node());
}

/// One that nobody holds is not prolonged: it has to have enough time left for a claim. With `mutex_`.
std::shared_ptr<Lease> Leases::usable() const {
  if (leases_.empty() || leases_.back()->is_retired() || !leases_.back()->is_certain()) return nullptr;
  const bool held = leases_.back().use_count() > 1 || kept_alive_;
  return held || leases_.back()->age() < length_ / 2 ? leases_.back() : nullptr;
}

Result<std::shared_ptr<Lease>> Leases::hold() {
  const auto there = [this] {
    const std::scoped_lock lock(mutex_);
    return usable();
  };
  if (auto lease = there()) return lease;
  const std::scoped_lock registering(registering_);
  if (auto lease = there()) return lease;
  const Lease::Time begun = clock_.boot_time();
  TRY(NodeId node, journal_.register_node());
  auto lease = std::make_shared<Lease>(std::move(node), clock_, length_, begun);
  {
    const std::scoped_lock lock(mutex_);
    leases_.push_back(lease);
  }
  release_unused();
  return lease;
}

void Leases::release_unused() {
  std::vector<std::shared_ptr<Lease>> gone;
  {
    const std::scoped_lock lock(mutex_);
    if (leases_.empty()) return;
    // Copies are made under the lock alone, so who is the only holder stays so.
    const auto used = [newest = leases_.back().get()](const std::shared_ptr<Lease>& lease) {
      return lease.use_count() > 1 || (lease.get() == newest && lease->is_certain() && !lease->is_retired());
    };
    const auto end = std::stable_partition(leases_.begin(), leases_.end(), used);
    gone.assign(std::make_move_iterator(end), std::make_move_iterator(leases_.end()));
    leases_.erase(end, leases_.end());
  }
  for (const auto& lease : gone) journal_.release_node(lease->node());
}

std::vector<NodeId> Leases::in_use() const {
  const std::scoped_lock lock(mutex_);
  std::vector<NodeId> nodes;
  for (const auto& lease : leases_)
    if (lease.use_count() > 1) nodes.push_back(lease->node());
  return nodes;
}

Result<> Leases::beat() {
  std::vector<std::shared_ptr<Lease>> due;
  {
    const std::scoped_lock lock(mutex_);
    if (clock_.boot_time() < beat_again_at_) return {};
    for (const auto& lease : leases_) {
      const bool wanted = lease.use_count() > 1 || (kept_alive_ && lease == leases_.back() && !lease->is_retired());
      if (wanted && lease->age() >= heartbeat_ && lease->is_certain()) due.push_back(lease);
    }
  }
  for (const auto& lease : due) {
    const Lease::Time begun = lease->now();
    if (auto beaten = journal_.heartbeat(lease->node()); !beaten) {
      const std::scoped_lock lock(mutex_);
      beat_again_at_ = clock_.boot_time() + kBeatAgainAfter;
      return beaten;
    }
    lease->prolonged(begun);
  }
  return {};
}

}  // namespace sluice::workflow_detail
