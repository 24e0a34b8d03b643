#pragma once
#include <chrono>
#include <stop_token>

namespace sluice {

/// Waiting and measuring, for the engine alone: workflows see time only as recorded values. Any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// For deadlines of calls; unrelated to the time of day.
  virtual std::chrono::steady_clock::time_point steady() = 0;
  /// Goes on while the machine is suspended, as the clocks of other machines do: for leases. Not to be compared with `steady`.
  virtual std::chrono::steady_clock::time_point boot_time() { return steady(); }
  /// Returns early when stopped.
  virtual void sleep(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

}  // namespace sluice
