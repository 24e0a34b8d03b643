#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "cli/terminal.h"

namespace sluice {

/// Says on standard error what goes on and for how long, once it takes longer than a second: a line that is redrawn on a terminal, otherwise
/// one plain line a step. `stage` may be called by any thread.
class Progress {
 public:
  explicit Progress(const Terminal& terminal);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// What goes on from now; "" for nothing (a person is asked).
  void stage(std::string what);
  /// The same goes on, and is said in other words: off a terminal from time to time only.
  void words(std::string what);

 private:
  void show();
  void clear();
  const Terminal& terminal_;
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::string what_{};
  std::chrono::steady_clock::time_point since_{}, said_{};
  bool shown_ = false, stop_ = false;
  std::thread thread_{};
};

}  // namespace sluice
