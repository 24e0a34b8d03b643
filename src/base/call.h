#pragma once
#include <algorithm>
#include <chrono>
#include <stop_token>

namespace sluice {

/// How long a call may take and who may stop it; both reach the other side, which cancels what runs there.
struct Call {
  std::chrono::steady_clock::time_point deadline{};
  std::stop_token cancelled{};

  /// The same call with at most so much time left.
  Call within(std::chrono::milliseconds at_most) const { return {std::min(deadline, std::chrono::steady_clock::now() + at_most), cancelled}; }
  /// The same call with one of `parts` equal shares of the time left, where so many are still to have their turn.
  Call share(int parts) const {
    const auto now = std::chrono::steady_clock::now();
    return deadline <= now ? *this : Call{now + (deadline - now) / std::max(parts, 1), cancelled};
  }
};

}  // namespace sluice
