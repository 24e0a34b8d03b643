#include "workflow/claims.h"

#include <algorithm>
#include <iterator>

namespace sluice::workflow_detail {
namespace {

constexpr std::chrono::milliseconds kAgainAfter{1'000};  // times how often it has failed
constexpr int kAgainMax = 10;                            // then it waits for the end of this process

}  // namespace

Result<Claimed> Claims::one(const RunId& run) {
  TRY(std::shared_ptr<Lease> lease, leases_.hold());
  const Lease::Time begun = lease->now();
  auto info = journal_.claim(run, lease->node());
  if (!info) {
    if (info.error().kind == ErrorKind::storage) lease->retire();
    return std::move(info).error();
  }
  lease->prolonged(begun);
  const std::scoped_lock lock(mutex_);
  left_.erase(run);
  return Claimed{*std::move(info), std::move(lease)};
}

Result<std::vector<RunInfo>> Claims::due(ClaimDue wanted) {
  TRY(const std::shared_ptr<Lease> lease, leases_.hold());
  std::vector<RunInfo> claimed;
  auto failed = claim_due(lease, std::move(wanted), claimed);
  {
    const std::scoped_lock lock(mutex_);
    for (const RunInfo& run : claimed) claimed_[run.id] = lease;
  }
  if (!failed) {
    lease->retire();
    if (claimed.empty()) return std::move(failed).error();
  }
  return claimed;
}

/// Gives what it has claimed also where it then fails.
Result<> Claims::claim_due(const std::shared_ptr<Lease>& lease, ClaimDue wanted, std::vector<RunInfo>& claimed) {
  for (const RunId& run : left_by(*lease, wanted.limit)) {
    TRY(const bool again, claim_again(lease, run, claimed));
    if (again) wanted.limit -= 1;
  }
  if (wanted.limit <= 0) return {};
  wanted.node = lease->node();
  const Lease::Time begun = lease->now();
  TRY(std::vector<RunInfo> more, journal_.claim_due(wanted));
  if (!more.empty()) lease->prolonged(begun);
  // Where the lease ran out after all, in the journal, it may have given one of these once more: the newer claim counts.
  const auto again = [&](const RunInfo& one) {
    return std::any_of(more.begin(), more.end(), [&](const RunInfo& other) { return other.id == one.id; });
  };
  std::erase_if(claimed, again);
  std::move(more.begin(), more.end(), std::back_inserter(claimed));
  return {};
}

std::shared_ptr<Lease> Claims::begin(const RunId& run) {
  const std::scoped_lock lock(mutex_);
  const auto place = claimed_.find(run);
  if (place == claimed_.end()) return nullptr;
  auto lease = std::move(place->second);
  claimed_.erase(place);
  return lease;
}

bool Claims::contains(const RunId& run) const {
  const std::scoped_lock lock(mutex_);
  return claimed_.contains(run);
}

void Claims::ended(const RunId& run, const std::shared_ptr<Lease>& lease, bool may_be_left) {
  const std::scoped_lock lock(mutex_);
  if (!may_be_left) {
    left_.erase(run);
    return;
  }
  Left& left = left_[run];
  if (left.node != lease->node()) left = {.node = lease->node()};
  left.times += 1;
  left.again_at = lease->now() + kAgainAfter * left.times;
}

bool Claims::has_left() const {
  const std::scoped_lock lock(mutex_);
  return !left_.empty();
}

/// What another node of this engine has left is free once that one is released.
std::vector<RunId> Claims::left_by(const Lease& lease, int limit) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(left_, [&](const auto& entry) { return entry.second.node != lease.node() || entry.second.times > kAgainMax; });
  std::vector<RunId> due;
  for (const auto& [run, left] : left_)
    if (left.again_at <= lease.now() && static_cast<int>(due.size()) < limit) due.push_back(run);
  return due;
}

/// False: it is in other hands by now, or in none.
Result<bool> Claims::claim_again(const std::shared_ptr<Lease>& lease, const RunId& run, std::vector<RunInfo>& claimed) {
  TRY(const RunInfo there, journal_.run(run));
  if (there.status != RunStatus::running || there.owner != lease->node()) {
    const std::scoped_lock lock(mutex_);
    left_.erase(run);
    return false;
  }
  const Lease::Time begun = lease->now();
  TRY(RunInfo info, journal_.claim(run, lease->node()));
  lease->prolonged(begun);
  claimed.push_back(std::move(info));
  const std::scoped_lock lock(mutex_);
  left_[run].again_at = Lease::Time::max();  // until it ends
  return true;
}

}  // namespace sluice::workflow_detail
