#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace sluice {

/// A server that is away is told once for all connections that wait for it, and once that it is back. Any thread.
class PgOutage {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// `tell` gets a sentence, one call at a time; must not block.
  explicit PgOutage(std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {}
  void waits(const std::string& why) {
    const std::scoped_lock lock(mutex_);
    if (!told_) tell_(why);
    told_ = true;
  }
  /// When the server was first found away, by whoever waits for it: all who wait give up together, and those who come later do not wait as long
  /// again. An outage that nobody has met for longer than `forgotten_after` is over as far as anybody knows.
  Time away_since(Time now, std::chrono::milliseconds forgotten_after) {
    const std::scoped_lock lock(mutex_);
    if (!since_ || now - met_ > forgotten_after) since_ = now;
    met_ = now;
    return *since_;
  }
  /// From now on nobody waits for the server: the process ends, and has nothing in hand.
  void stop_waiting() { over_ = true; }
  bool is_over() const { return over_; }
  void is_back() {
    const std::scoped_lock lock(mutex_);
    if (told_) tell_("the journal's server is back");
    told_ = false;
    since_.reset();
  }

 private:
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_{};
  bool told_ = false;
  std::optional<Time> since_{};
  Time met_{};
  std::atomic<bool> over_ = false;
};

}  // namespace sluice
