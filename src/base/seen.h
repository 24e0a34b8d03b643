#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace sluice {

/// What was here lately, so that it counts once. Bounded; any thread.
class Seen {
 public:
  enum class Look : unsigned char { first, again, full };
  explicit Seen(std::size_t most) : most_(most) {}

  /// Remembers it until that second has passed. `full`: there is no room, and nobody could say whether it comes again.
  Look look(const std::string& what, std::int64_t now, std::int64_t until) {
    const std::lock_guard lock(mutex_);
    std::erase_if(seen_, [now](const auto& one) { return one.second < now; });
    if (seen_.contains(what)) return Look::again;
    if (seen_.size() >= most_) return Look::full;
    seen_.emplace(what, until);
    return Look::first;
  }

 private:
  const std::size_t most_;
  std::mutex mutex_{};                          // guards what follows
  std::map<std::string, std::int64_t> seen_{};  // with the last second that it is remembered
};

}  // namespace sluice
