#include "server/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace sluice {

RateLimit::RateLimit(double per_second, double burst, std::size_t clients_max)
    : per_second_(per_second), burst_(std::max(1.0, burst)), clients_max_(clients_max) {}

std::optional<std::chrono::milliseconds> RateLimit::take(const std::string& client, Time now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= clients_max_) forget_full(now);
  const bool room = buckets_.size() < clients_max_ || buckets_.contains(client);
  const auto [found, is_new] = buckets_.try_emplace(room ? client : std::string(), Bucket{burst_, now});
  Bucket& bucket = found->second;
  if (!is_new) refill(bucket, now);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  constexpr double kMsPerSecond = 1000;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / per_second_ * kMsPerSecond)));
}

std::size_t RateLimit::clients() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

void RateLimit::refill(Bucket& bucket, Time now) const {
  if (now <= bucket.at) return;
  bucket.tokens = std::min(burst_, bucket.tokens + std::chrono::duration<double>(now - bucket.at).count() * per_second_);
  bucket.at = now;
}

/// At most once a second: with as many clients as that, a sweep a request would be the slowest part of it.
void RateLimit::forget_full(Time now) {
  if (swept_at_ != Time{} && now - swept_at_ < std::chrono::seconds(1)) return;
  swept_at_ = now;
  for (auto entry = buckets_.begin(); entry != buckets_.end();) {
    refill(entry->second, now);
    entry = entry->second.tokens >= burst_ ? buckets_.erase(entry) : std::next(entry);
  }
}

}  // namespace sluice
