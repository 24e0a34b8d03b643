#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "workflow/engine.h"

namespace sluice {

struct WorkerOptions {
  std::vector<QueueLimits> queues{QueueLimits{}};  ///< served in this order
  int concurrency = 4;                             ///< runs at once, 1 to kClaimsMax
  /// How long runs may go on once the worker is to end; then they are handed back.
  std::chrono::milliseconds drain{30'000};
  std::chrono::milliseconds hand_back{5'000};  ///< for what is then told to stop to do so
  std::chrono::milliseconds poll{1'000};       ///< how long news can stay unnoticed at the most
  bool until_idle = false;                     ///< ends once nothing can be taken any more and nothing is being executed
  /// Nothing is being executed: what runs share may be closed.
  std::function<void()> on_idle{};
  std::function<void()> on_end{};  ///< it is told to stop and has nothing in hand; any thread, may come twice
};

/// What a worker tells, one call at a time, from any of its threads; must not block.
struct WorkerNews {
  enum class What : std::uint8_t {
    taken,         ///< a run is being executed
    waiting,       ///< it waits (parked, unknown, paused)
    ended,         ///< it is done, failed or cancelled
    handed_back,   ///< it goes on in another process, or here later
    aborted,       ///< its execution ended in an error that is not its own: the journal's
    idle,          ///< nothing is due, and has not been for a while
    draining,      ///< nothing is taken any more; `runs` may go on for a while
    stopping,      ///< that while is over: `runs` are told to stop
    journal_lost,  ///< nothing can be taken for now
    journal_back,
  };
  What what{};
  RunInfo run{};
  std::chrono::milliseconds took{0};  ///< of this execution
  std::optional<Error> error{};       ///< aborted, journal_lost, handed_back: why; waiting, ended: the run's own
  std::optional<Json> output{};       ///< of a run that is done
  int runs = 0;                       ///< draining, stopping
};
template <>
struct EnumNames<WorkerNews::What> {
  using What = WorkerNews::What;
  static constexpr std::array<std::pair<What, std::string_view>, 10> names{{{What::taken, "taken"},
                                                                            {What::waiting, "waiting"},
                                                                            {What::ended, "ended"},
                                                                            {What::handed_back, "handed_back"},
                                                                            {What::aborted, "aborted"},
                                                                            {What::idle, "idle"},
                                                                            {What::draining, "draining"},
                                                                            {What::stopping, "stopping"},
                                                                            {What::journal_lost, "journal_lost"},
                                                                            {What::journal_back, "journal_back"}}};
};

/// What a worker has done.
struct WorkerReport {
  std::int64_t taken = 0, ended = 0, waiting = 0, handed_back = 0, aborted = 0;  ///< executions
  /// Executions that did not stop when they had to: their threads still run, and only the end of the process ends them.
  std::vector<RunId> stuck{};
};

/// Takes runs out of queues and executes them, several at once in a fixed pool of threads. A run that waits takes no thread.
class Worker {
 public:
  Worker(Engine& engine, Journal& journal, Clock& clock, WorkerOptions options, std::function<void(const WorkerNews&)> tell = {});
  /// Waits for stuck executions.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Works until `stop`, then takes nothing more and lets runs go on for as long as `drain` says; `hurry` ends that at once. Called once. Failures
  /// of the journal and of runs are told, and end nothing.
  WorkerReport run(const std::stop_token& stop, const std::stop_token& hurry = {});

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
