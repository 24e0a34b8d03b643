#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace sluice {

/// What of a store of files that are named by their hash is to be deleted.
struct Sweep {
  std::function<bool(const std::string& hash)> is_kept{};
  /// What was written, or written once more, within this time stays: who wrote it may not have said yet what needs it.
  std::chrono::seconds unused_for{std::chrono::hours(24)};
  bool dry = false;  ///< only count
  std::stop_token stop{};
};
struct Swept {
  std::int64_t files = 0, bytes = 0;
};

}  // namespace sluice
