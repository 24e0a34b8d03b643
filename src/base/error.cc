#include "base/error.h"

#include <array>
#include <utility>

namespace sluice {

std::string_view name_of(ErrorKind kind) {
  static constexpr std::array<std::string_view, 15> kNames{"input",     "not_found", "refused",   "forbidden",       "unanswerable",
                                                           "conflict",  "stale",     "transient", "timeout",         "cancelled",
                                                           "exhausted", "storage",   "drift",     "unknown_outcome", "bug"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Error Error::exhausted(std::string what, int max) {
  return {ErrorKind::exhausted, "E0101", std::move(what) + " used up after " + std::to_string(max), "", 0};
}

Error Error::bug(std::string what) {
  return {ErrorKind::bug, "E0001", std::move(what), "this is a defect in Sluice; please report it with `sluice doctor --output json`", 0};
}

}  // namespace sluice
