#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace sluice {

/// Keeps callers from a service that is down. Closed, every attempt passes; after `failures_max` failures in a row it opens, and attempts are turned
/// away for `pause`; then one passes as a probe, whose outcome closes it or opens it again. One per client, a state per origin. Any thread.
class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Outcome : std::uint8_t {
    alive,    ///< an answer that shows the service at work, a refusal or "too many requests" too
    failed,   ///< no sign of life, or a status of 500 and above
    unclear,  ///< says nothing about the service: it was stopped, or broke off after its beginning
  };
  /// The right to make one attempt, of which the outcome is reported; `unclear` where nobody says. The breaker outlives it.
  class Admission {
   public:
    Admission(CircuitBreaker& breaker, std::string origin, bool probe) : breaker_(&breaker), origin_(std::move(origin)), probe_(probe) {}
    ~Admission();
    Admission(Admission&& other) noexcept
        : breaker_(std::exchange(other.breaker_, nullptr)), origin_(std::move(other.origin_)), probe_(other.probe_) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    /// Once.
    void report(Outcome outcome, const std::string& why, Time now);

   private:
    CircuitBreaker* breaker_;
    std::string origin_;
    bool probe_;
  };
  /// Services that fail at the same time and are remembered; more of them pass without being counted.
  static constexpr std::size_t kOriginsMax = 1024;

  explicit CircuitBreaker(BreakerOptions options) : options_(options) {}

  /// E1107 (transient, with the time left) where it is open.
  Result<Admission> admit(const std::string& origin, Time now);
  /// Where it is open: calls there are turned away, or wait for a probe's outcome.
  std::vector<std::string> open_origins() const;

 private:
  struct Failing {
    int failures = 0;
    bool open = false, probing = false;
    Time until{};
    std::string why{};
  };
  void note(const std::string& origin, bool probe, Outcome outcome, const std::string& why, Time now);
  Error turned_away(const std::string& origin, const Failing& failing, Time now) const;

  BreakerOptions options_;
  mutable std::mutex mutex_{};
  std::unordered_map<std::string, Failing> failing_{};  ///< origins whose last attempt failed
};

}  // namespace sluice
