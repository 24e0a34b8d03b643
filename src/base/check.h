#pragma once

namespace sluice {
/// Ends the process: an invariant of Sluice itself is broken, and going on could do harm. Never for input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace sluice

#define CHECK(condition) ((condition) ? void(0) : ::sluice::check_failed(#condition, __FILE__, __LINE__))
