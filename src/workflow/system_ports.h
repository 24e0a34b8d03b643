#pragma once
#include <mutex>
#include <random>

#include "workflow/ports/clock.h"
#include "workflow/ports/random.h"

namespace sluice {

/// The real clock.
class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady() override;
  std::chrono::steady_clock::time_point boot_time() override;
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override;
};

/// Random numbers seeded by the operating system.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  std::uint64_t next() override;

 private:
  std::mutex mutex_{};
  std::mt19937_64 engine_;
};

}  // namespace sluice
