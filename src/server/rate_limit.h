#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace sluice {

/// A token bucket for each client (https://en.wikipedia.org/wiki/Token_bucket): `burst` requests at once, `per_second` in the long run. A bucket that
/// is full again is forgotten; at more than `clients_max` at once, those that are not known yet share one. Any thread.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  RateLimit(double per_second, double burst, std::size_t clients_max = 10'000);

  /// Takes a token. Where there is none: how long until there is one.
  std::optional<std::chrono::milliseconds> take(const std::string& client, Time now);
  std::size_t clients() const;

 private:
  struct Bucket {
    double tokens = 0;
    Time at{};
  };
  void refill(Bucket& bucket, Time now) const;
  void forget_full(Time now);

  const double per_second_, burst_;
  const std::size_t clients_max_;
  mutable std::mutex mutex_{};  // guards what follows
  std::unordered_map<std::string, Bucket> buckets_{};
  Time swept_at_{};
};

}  // namespace sluice
