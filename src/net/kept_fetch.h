#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/call.h"
#include "base/result.h"

namespace sluice {

/// What a service publishes about itself: fetched when it is needed, and kept for an hour. One look at a time, whoever waits. Any thread.
template <class T>
class KeptFetch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Value = std::shared_ptr<const T>;
  static constexpr std::chrono::minutes kAge{60};           ///< after that what the service has withdrawn does not count any more
  static constexpr std::chrono::seconds kRenewalPause{60};  ///< between two looks for something newer than what is known
  static constexpr std::chrono::seconds kFailurePause{5};   ///< after a look that failed
  static constexpr std::chrono::seconds kPatience{2};       ///< with somebody else's look

  /// `busy`: what somebody is told whose patience has ended.
  KeptFetch(std::function<Result<Value>(const Call&)> look, Error busy, std::function<Time()> now = std::chrono::steady_clock::now)
      : look_(std::move(look)), busy_(std::move(busy)), now_(std::move(now)) {}

  /// Errors are those of the look.
  Result<Value> get(const Call& call) {
    if (auto known = kept()) return *std::move(known);
    const std::unique_lock looking(looking_, kPatience);
    if (auto known = kept()) return *std::move(known);
    if (!looking) return busy_;
    return look(call);
  }

  /// What is newer than that; null where nothing is, be it that it cannot be asked for yet.
  Value newer_than(const Value& known, const Call& call) {
    const std::unique_lock looking(looking_, kPatience);
    if (!looking) return nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (value_ && value_ != known) return value_;  // somebody else has looked meanwhile
      if (looked_at_ && now_() < *looked_at_ + kRenewalPause) return nullptr;
    }
    auto found = look(call);
    return found ? *std::move(found) : nullptr;
  }

 private:
  std::optional<Result<Value>> kept() {
    const std::lock_guard lock(mutex_);
    if (value_ && got_at_ && now_() < *got_at_ + kAge) return value_;
    if (failure_ && looked_at_ && now_() < *looked_at_ + kFailurePause) return *failure_;
    return std::nullopt;
  }
  /// With `looking_` held.
  Result<Value> look(const Call& call) {
    auto found = look_(call);
    const std::lock_guard lock(mutex_);
    // A call that its own caller gave up says nothing about the service.
    if (!found && found.error().kind == ErrorKind::cancelled) return found;
    looked_at_ = now_();
    failure_.reset();
    if (found) {
      value_ = *found;
      got_at_ = looked_at_;
    } else {
      failure_ = found.error();
    }
    return found;
  }

  const std::function<Result<Value>(const Call&)> look_;
  const Error busy_;
  const std::function<Time()> now_;
  std::timed_mutex looking_{};  ///< taken before `mutex_`
  std::mutex mutex_{};          // guards what follows
  Value value_{};
  std::optional<Error> failure_{};  ///< of the last look
  std::optional<Time> looked_at_{}, got_at_{};
};

}  // namespace sluice
