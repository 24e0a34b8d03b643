#pragma once
#include <atomic>
#include <cstdint>

#include "workflow/ports/clock.h"
#include "workflow/ports/journal_types.h"
#include "workflow/ports/random.h"

// Time and chance in the hands of a test.
namespace sluice {

/// Stands still except where somebody sleeps or the test lets it pass.
class FakeClock final : public Clock {
 public:
  TimeMs now() const { return now_; }
  void pass(std::chrono::milliseconds duration) { now_ += duration.count(); }
  std::chrono::steady_clock::time_point steady() override { return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_)); }
  void sleep(std::chrono::milliseconds duration, std::stop_token) override {
    slept_ += duration.count();
    pass(duration);
  }
  std::int64_t slept_ms() const { return slept_; }

 private:
  std::atomic<TimeMs> now_{1'700'000'000'000};
  std::atomic<std::int64_t> slept_{0};
};

/// splitmix64 (Steele, Lea, Flood 2014): the same seed, the same numbers.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = state_.fetch_add(0x9e3779b97f4a7c15U) + 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace sluice
