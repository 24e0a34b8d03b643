#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace sluice::journal_detail {

/// When a process tells the others of its news. A COMMIT with a NOTIFY holds a lock of the whole server until it is on the disk, so that two of them
/// never share a sync: the first news go with their transaction, those that follow too soon are told together, once, after their COMMIT. Any thread.
class PgNews {
 public:
  /// `tell` notifies, in a transaction of its own; called on a thread of this object.
  explicit PgNews(std::function<void()> tell);
  /// Tells what is still to be told.
  ~PgNews() = default;

  /// True: the transaction takes its news with it. False: call `tell_soon` after its COMMIT.
  bool may_go_along();
  void tell_soon();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void run(const std::stop_token& stop);

  std::function<void()> tell_;
  std::mutex mutex_{};  // guards what follows
  std::optional<Time> told_at_{};
  bool pending_ = false;
  std::condition_variable_any changed_{};
  std::jthread thread_{};
};

}  // namespace sluice::journal_detail
