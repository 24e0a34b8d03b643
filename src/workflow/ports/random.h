#pragma once
#include <cstdint>

namespace sluice {

/// Randomness for run ids and the jitter of retries. Any thread.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

}  // namespace sluice
