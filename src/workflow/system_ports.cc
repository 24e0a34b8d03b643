#include "workflow/system_ports.h"

#include <condition_variable>

namespace sluice {

std::chrono::steady_clock::time_point SystemClock::steady() { return std::chrono::steady_clock::now(); }

void SystemClock::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
}

namespace {

std::mt19937_64 seeded_engine() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

SystemRandom::SystemRandom() : engine_(seeded_engine()) {}

std::uint64_t SystemRandom::next() {
  const std::scoped_lock lock(mutex_);
  return engine_();
}

}  // namespace sluice
