#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <string>

namespace sluice {

/// A server that is away is told once for all connections that wait for it, and once that it is back. Any thread.
class PgOutage {
 public:
  /// `tell` gets a sentence, one call at a time; must not block.
  explicit PgOutage(std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {}
  void waits(const std::string& why) {
    const std::scoped_lock lock(mutex_);
    if (!told_) tell_(why);
    told_ = true;
  }
  /// From now on nobody waits for the server: the process ends, and has nothing in hand.
  void stop_waiting() { over_ = true; }
  bool is_over() const { return over_; }
  void is_back() {
    const std::scoped_lock lock(mutex_);
    if (told_) tell_("the journal's server is back");
    told_ = false;
  }

 private:
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_{};
  bool told_ = false;
  std::atomic<bool> over_ = false;
};

}  // namespace sluice
