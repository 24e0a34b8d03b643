#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace sluice {

/// What takes its time to find out, found out on a thread of its own, once for all who ask: a service that does not answer holds up none of them for
/// longer than `patience`. Any thread.
template <class Value>
class Recent {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Recent(std::chrono::milliseconds fresh) : fresh_(fresh) {}

  /// What was found last, be it old where finding out takes longer than `patience`; nothing where nobody has found out yet. `find_out` ends before
  /// this does.
  std::optional<Value> of(std::function<Value()> find_out, std::chrono::milliseconds patience = std::chrono::seconds(1)) {
    std::unique_lock lock(mutex_);
    if (last_ && Clock::now() < good_until_) return last_;
    if (!at_it_) {
      at_it_ = true;
      begun_ = Clock::now();
      thread_ = std::jthread([this, find_out = std::move(find_out)] { note(find_out()); });  // the one before has noted, and is gone or about to
    }
    found_.wait_until(lock, begun_ + patience, [this] { return !at_it_; });
    return last_;
  }
  /// How long it has been looked for; 0 where nobody does.
  std::chrono::milliseconds at_it_for() const {
    const std::lock_guard lock(mutex_);
    return at_it_ ? std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_) : std::chrono::milliseconds(0);
  }

 private:
  void note(Value found) {
    const std::lock_guard lock(mutex_);
    at_it_ = false;
    last_ = std::move(found);
    good_until_ = Clock::now() + fresh_;
    found_.notify_all();
  }

  const std::chrono::milliseconds fresh_;
  mutable std::mutex mutex_{};  // guards what follows
  std::condition_variable found_{};
  std::optional<Value> last_{};
  Clock::time_point good_until_{}, begun_{};
  bool at_it_ = false;
  std::jthread thread_{};  // last: uses all of it
};

}  // namespace sluice
