#include "workflow/claims.h"

#include <algorithm>

namespace sluice::workflow_detail {
namespace {

constexpr std::chrono::milliseconds kAgainAfter{1'000};  // times how often it has failed
constexpr int kAgainMax = 10;                            // then it waits for the end of this process

}  // namespace

Result<Claimed> Claims::one(const RunId& run) {
  TRY(std::shared_ptr<Lease> lease, leases_.hold());
  auto info = journal_.claim(run, lease->node());
  if (!info) {
    if (info.error().kind == ErrorKind::storage) lease->retire();
    return std::move(info).error();
  }
  const std::scoped_lock lock(mutex_);
  left_.erase(run);
  return Claimed{*std::move(info), std::move(lease)};
}

Result<std::vector<RunInfo>> Claims::due(ClaimDue wanted) {
  TRY(const std::shared_ptr<Lease> lease, leases_.hold());
  std::vector<Claimed> claimed;
  auto failed = claim_due(lease, std::move(wanted), claimed);
  std::vector<RunInfo> runs;
  {
    const std::scoped_lock lock(mutex_);
    for (Claimed& one : claimed) {
      claimed_[one.run.id] = std::move(one.lease);
      runs.push_back(std::move(one.run));
    }
  }
  if (!failed) {
    lease->retire();
    if (runs.empty()) return std::move(failed).error();
  }
  return runs;
}

/// Gives what it has claimed also where it then fails.
Result<> Claims::claim_due(const std::shared_ptr<Lease>& lease, ClaimDue wanted, std::vector<Claimed>& claimed) {
  for (const auto& [run, its_lease] : left_and_due(wanted.limit)) {
    TRY(const bool again, claim_again(its_lease, run, claimed));
    if (again) wanted.limit -= 1;
  }
  if (wanted.limit <= 0) return {};
  wanted.node = lease->node();
  TRY(std::vector<RunInfo> more, journal_.claim_due(wanted));
  for (RunInfo& run : more) {
    // Where the lease ran out after all, in the journal, it may have given one of those once more: the newer claim counts.
    std::erase_if(claimed, [&](const Claimed& one) { return one.run.id == run.id; });
    claimed.push_back({std::move(run), lease});
  }
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
  if (left.lease != lease) left = {.lease = lease};
  left.times += 1;
  left.again_at = lease->now() + kAgainAfter * left.times;
}

bool Claims::has_left() const {
  const std::scoped_lock lock(mutex_);
  return !left_.empty();
}

/// What was left with a lease that has run out is free for others.
std::vector<std::pair<RunId, std::shared_ptr<Lease>>> Claims::left_and_due(int limit) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(left_, [&](const auto& entry) { return !entry.second.lease->is_certain() || entry.second.times > kAgainMax; });
  std::vector<std::pair<RunId, std::shared_ptr<Lease>>> due;
  for (const auto& [run, left] : left_)
    if (left.again_at <= left.lease->now() && static_cast<int>(due.size()) < limit) due.emplace_back(run, left.lease);
  return due;
}

/// False: it is in other hands by now, or in none.
Result<bool> Claims::claim_again(const std::shared_ptr<Lease>& lease, const RunId& run, std::vector<Claimed>& claimed) {
  TRY(const RunInfo there, journal_.run(run));
  if (there.status != RunStatus::running || there.owner != lease->node()) {
    const std::scoped_lock lock(mutex_);
    left_.erase(run);
    return false;
  }
  TRY(RunInfo info, journal_.claim(run, lease->node()));
  claimed.push_back({std::move(info), lease});
  const std::scoped_lock lock(mutex_);
  left_[run].again_at = Lease::Time::max();  // until it ends
  return true;
}

}  // namespace sluice::workflow_detail
