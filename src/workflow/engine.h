#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/codec.h"
#include "workflow/context.h"
#include "workflow/ports/artifacts.h"
#include "workflow/ports/clock.h"
#include "workflow/ports/journal.h"
#include "workflow/ports/random.h"
#include "workflow/upcast.h"

namespace sluice {

using WorkflowFn = std::function<Result<Json>(Context&, const Json& input)>;

/// What a run has come to, as far as the journal knows.
struct RunState {
  RunInfo run{};
  Json input{};
  std::optional<Json> output{};              ///< done
  std::optional<Error> error{};              ///< failed, cancelled, paused, unknown
  std::vector<ApprovalId> open_approvals{};  ///< what it waits for
  bool due = false;                          ///< `drive` would get further
  RunStatus status() const { return run.status; }
};

/// Told as a run goes, for progress displays. Called in the driving thread or a branch's, one call at a time; must not block.
struct StepProgress {
  enum class Phase : std::uint8_t { started, retrying, finished, failed, waiting };
  Phase phase{};
  std::string path{};
  int attempt = 1;
  std::string why{};  ///< of another attempt: what the one before it met
};

struct StartOptions {
  Place place{};
  std::string dedup_key{};  ///< starting again with the same key, workflow and input gives the run that there is
  Json labels{};
  std::chrono::milliseconds timeout{0};  ///< the run fails when it is not finished by then (an effect in doubt is asked about); 0: no limit
};
struct DriveOptions {
  /// Stops the step in flight and gives the run back (`ready`), for any process to go on with. To end a run, cancel it.
  std::stop_token stop{};
  bool resume = false;  ///< also take up a paused run, and refuse one that only waits where this program could not go on with it
  std::function<void(const StepProgress&)> on_step{};
  /// Where the run waits for runs that it started, also executes those that are due, so that it gets on without a worker.
  bool with_children = true;
};

/// What a dry execution of a run's history by this program came to.
struct Preflight {
  RunInfo run{};
  std::string at{};                ///< the first thing that is not recorded yet; "" where the workflow came to its end
  std::optional<Error> problem{};  ///< why this program could not go on with it: drift (E0112), no such version (E0103), a missing artifact
};

struct EngineOptions {
  /// How often the threads that watch over running steps look for cancellations and at the lease; 0: no such threads (then call `watch_once`).
  std::chrono::milliseconds watch_interval{100};
  std::chrono::milliseconds heartbeat_interval{0};  ///< 0: four times in the journal's lease
  /// Added to a call's deadline before a retry is offered: how long its process may have been silent. 0: the journal's lease.
  std::chrono::milliseconds lease{0};
  std::chrono::milliseconds poll_interval{25};  ///< of `wait`, for what other processes change
  int idle_claims_max = 5;                      ///< claims without an append before a run is paused
  /// Executes the tasks, at once where it can, and returns when all have ended; empty: threads.
  std::function<void(const std::vector<std::function<void()>>& tasks)> at_once{};
  std::size_t inline_max = 64 * 1024;  ///< bytes of an input or outcome kept in the journal itself; larger ones are artifacts
};

/// Executes workflows over a journal. Any thread; each `drive` executes one run in the calling thread.
class Engine {
 public:
  struct Ports {
    Journal& journal;
    Artifacts& artifacts;
    Clock& clock;
    Random& random;
  };
  /// `forms`: of the events that it writes and reads.
  explicit Engine(Ports ports, EngineOptions options = {}, workflow_detail::EventForms forms = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Before any run starts. Several versions of a name may be listed: a run keeps the version that it was started with; new ones get
  /// the version added last.
  void add(const std::string& name, const std::string& code_version, WorkflowFn fn);
  template <class In, class Out>
  void add(const std::string& name, const std::string& code_version, std::function<Result<Out>(Context&, const In&)> fn) {
    add(name, code_version, WorkflowFn([fn = std::move(fn)](Context& context, const Json& input) -> Result<Json> {
          TRY(const In in, decode<In>(input));
          TRY(const Out out, fn(context, in));
          return encode(out);
        }));
  }

  /// Confirms that the run is in the journal. Errors: E0103 (no such workflow), E0121 (dedup_key), E0124 (input too large), storage.
  Result<RunId> start(const std::string& name, const Json& input, const StartOptions& options = {});
  /// `start` and `drive` in one, with one transaction less.
  Result<RunState> run(const std::string& name, const Json& input, const StartOptions& start = {}, const DriveOptions& drive = {});

  /// Executes the run until it ends or has to wait, and says which. Nothing to do is no error. Errors: E0102 (no such run), E0103
  /// (this program lacks its workflow or version), E0104 (a living process has it), E0105 (lost it to another process), storage.
  Result<RunState> drive(const RunId& run, const DriveOptions& options = {});
  /// Blocks until the run is due or has ended, or until the time or the stop. Then `drive` again.
  Result<RunState> wait(const RunId& run, std::optional<std::chrono::milliseconds> at_most = {}, const std::stop_token& stop = {});
  /// drive, wait, drive … until the run ends, is paused, or the time is up.
  Result<RunState> drive_to_end(const RunId& run, std::chrono::milliseconds at_most, const DriveOptions& options = {});

  /// Claims what is due in the queues, of the workflows and versions that are listed here, at most `limit`. Each of them is then to be executed with
  /// `execute_claimed`, once. Storage errors.
  Result<std::vector<RunInfo>> claim_due(const std::vector<QueueLimits>& queues, int limit);
  /// `drive` for a run that `claim_due` gave. E0105 and E0136 where it was lost to another process; storage.
  Result<RunState> execute_claimed(RunInfo claimed, const DriveOptions& options = {});

  Result<RunState> state(const RunId& run);
  /// Begins a run with a part of another one's history, under an id that it is given here; `drive` goes on with it. Errors: those of Journal::fork.
  Result<CreatedRun> fork(NewFork fork);
  /// Executes what is recorded of the run, without writing and without calling anything outside. Errors: E0102, storage.
  Result<Preflight> preflight(const RunId& run);
  /// Asks the run to end. Where no living process has it, ends it here and now; else its owner does, within a moment.
  Result<RunState> cancel(const RunId& run, const std::string& by, const std::string& reason);

  /// Whether a run is still in this engine's hands because the journal failed: `claim_due` gives it once more, after a while.
  bool has_left_runs() const;

  /// What the watching threads do in a round: prolongs the lease, stops runs that were cancelled or are lost.
  Result<> watch_once();
  /// The part of it that asks nobody: stops what is being executed under a lease that is not certain any more.
  void guard_once();

 private:
  struct Inner;
  Result<bool> drive_children(const RunId& parent, const DriveOptions& options);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
