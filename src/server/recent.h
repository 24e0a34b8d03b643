#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace sluice {

/// What takes its time to find out, found out by one of those who ask at a time: the others are given what was found last, be it old, so that a
/// service that does not answer holds one thread of the pool and not all of them. Any thread.
template <class Value>
class Recent {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Recent(std::chrono::milliseconds fresh) : fresh_(fresh) {}

  /// Nothing where nobody has found out yet and whoever is at it takes longer than `patience`. `since` is when that one began, where somebody is at
  /// it.
  std::optional<Value> of(const std::function<Value()>& find_out, std::chrono::milliseconds patience = std::chrono::seconds(1)) {
    std::unique_lock lock(mutex_);
    if (last_ && Clock::now() < good_until_) return last_;
    if (at_it_) {
      if (!last_) found_.wait_for(lock, patience, [this] { return last_.has_value(); });
      return last_;
    }
    at_it_ = true;
    begun_ = Clock::now();
    lock.unlock();
    Value found = find_out();
    lock.lock();
    at_it_ = false;
    last_ = std::move(found);
    good_until_ = Clock::now() + fresh_;
    found_.notify_all();
    return last_;
  }
  /// How long somebody has been at it; 0 where nobody is.
  std::chrono::milliseconds at_it_for() const {
    const std::lock_guard lock(mutex_);
    return at_it_ ? std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_) : std::chrono::milliseconds(0);
  }

 private:
  const std::chrono::milliseconds fresh_;
  mutable std::mutex mutex_{};  // guards what follows
  std::condition_variable found_{};
  std::optional<Value> last_{};
  Clock::time_point good_until_{}, begun_{};
  bool at_it_ = false;
};

}  // namespace sluice
