#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "telemetry/trace_context.h"
#include "workflow/context.h"
#include "workflow/engine.h"
#include "workflow/history.h"
#include "workflow/lease.h"

namespace sluice::workflow_detail {

constexpr std::size_t kInputMax = 4'000'000;  ///< bytes of a run's input

/// Unwinds a workflow function that has to stop for now. No std::exception, so that no handler meant for errors takes it.
struct Suspension {};

/// Why an execution stopped before its end.
struct Stop {
  enum class Why : std::uint8_t {
    parked,     ///< waits; the run has been given away in the same append
    woken,      ///< wanted to park, but something arrived: look again
    paused,     ///< drift or a defect; a person has to look
    cancelled,  ///< a cancel message
    released,   ///< this process is asked to stop
    expired,    ///< the run's own deadline
    lost,       ///< the journal refused or failed, or the lease ran out; nothing more may be written
    late,       ///< a branch did not make its deadline
    ahead,      ///< a dry execution came to what is not recorded yet
  };
  Why why{};
  Error error{};
  std::string at{};  ///< ahead: the path
};

/// Asked from outside to stop the step in flight.
struct Interrupt {
  std::stop_source source{};
  std::atomic<bool> cancelled{false};  ///< the run is to end; else only this process is
  std::shared_ptr<Lease> lease{};      ///< the run is in this process's hands as long as it is certain; none: of a dry execution
  bool lost() const { return lease && !lease->is_certain(); }
};

/// What the lanes of one execution share.
struct Execution {
  Engine::Ports ports;
  const EngineOptions& options;
  const EventForms& forms;
  const DriveOptions& drive;
  Interrupt& interrupt;
  /// The version that a child of this workflow begins with; "" where this program has no such workflow.
  std::function<std::string(const std::string& workflow)> newest_version;
  RunInfo info{};
  History history;
  bool dry = false;               ///< only as far as the history goes: writes nothing, calls nothing
  std::set<std::string> used{};   ///< paths that this execution has come to
  std::set<std::string> taken{};  ///< messages that it has taken
  // Branches have threads of their own.
  std::mutex writing{};  ///< appends go one after the other; guards info.head_seq
  std::mutex looking{};  ///< guards used, taken, and what history says of visits
  std::mutex telling{};  ///< calls of on_step
};

/// A lane of an execution: the workflow function re-executes its history, then goes on from there; each branch of `parallel` is a lane of its own.
/// Used by one thread.
class Run {
 public:
  explicit Run(Execution& execution) : Run(execution, "", {}, "") {}

  Context root() { return Context(*this, lane_); }
  Result<Json> step(const std::string& path, const StepCall& call);
  Result<RawDecision> wait_for_approval(const std::string& path, Json subject, const ApprovalRequest& request);
  void sleep(const std::string& path, std::chrono::milliseconds duration);
  std::int64_t now_ms(const std::string& path);
  int version(const std::string& path, int current);
  Json signal(const std::string& path, const std::string& topic);
  Result<Json> child(const std::string& path, const std::string& workflow, Json input);
  /// Which branches made it: all of them where there is no deadline (0).
  std::vector<bool> parallel(const std::string& path, std::chrono::milliseconds deadline, const std::vector<BranchCall>& branches);

  /// Set once the execution has stopped; whatever the workflow function returns then is ignored.
  const std::optional<Stop>& stop() const { return stop_; }
  /// After the workflow function returned: its outcome goes out with `leave`. Suspends on history that it did not come to.
  void finish(const Result<Json>& outcome);
  /// Writes what is pending together with a last event, and gives the run away.
  Result<Appended> leave(std::optional<NewEvent> last, RunStatus to, const std::string& reason = {});
  /// Writes what is pending; the run stays owned.
  Result<> keep();
  /// Ends the execution from outside the workflow function (it threw).
  void pause(Error error) { stop_ = Stop{Stop::Why::paused, std::move(error), {}}; }
  const RunInfo& info() const { return execution_.info; }

 private:
  struct Attempt;  // a step being executed
  Run(Execution& execution, std::string lane, std::optional<TimeMs> due_at, std::string over)
      : execution_(execution),
        ports_(execution.ports),
        options_(execution.options),
        info_(execution.info),
        history_(execution.history),
        interrupt_(execution.interrupt),
        lane_(std::move(lane)),
        due_at_(due_at),
        over_(std::move(over)) {}

  // Ending the execution.
  [[noreturn]] void suspend(Stop::Why why, Error error = {});
  [[noreturn]] void drift(const std::string& path, const std::string& what);
  struct Parking {
    RunStatus status = RunStatus::parked;
    std::optional<TimeMs> wake_at{};
    std::string reason{};
    std::vector<NewEvent> events{};
    std::vector<NewApproval> approvals{};
    std::vector<NewChild> children{};
    bool carried_through = false;  // an effect that may have happened, or a run that was started: no branch's deadline gives it up
  };
  [[noreturn]] void park(Parking parking);
  /// In a dry execution this is its end.
  void come_to_the_end_of_what_is_recorded(const std::string& path);
  void check_interrupt();
  void check_lease();
  bool is_late() const;
  void check_due();
  void check_due(const ApprovalId& asked, Parking again);
  void check_stop();

  // Finding one's place in the history.
  Record* look_up(const std::string& path, RecordKind kind);
  Record* arrive(const std::string& path, RecordKind kind);
  void visit(Record& record);
  bool all_visited() const;
  /// The history has more, or had once gone on to more: nothing new may come here.
  bool has_been_passed() const;
  std::string what_comes_next() const;  // of a lane that has been passed, for people
  std::string first_unvisited() const;
  void end_of_lane();
  void check_input(const std::string& path, const Record& record, const StepCall& call, const std::string& in_hash);
  Result<Json> replay(const std::string& path, const Record& record, const StepCall& call);

  // Writing.
  struct Writing {
    std::vector<NewEvent> events{};
    std::vector<NewApproval> approvals{};
    std::optional<Spend> spend{};
    std::vector<NewChild> children{};
    std::vector<std::string> taken{};
    std::optional<Transition> transition{};
    bool outcome = false;  ///< of an effect that happened: written even now that the lease is over, unless the journal refuses it
  };
  Result<Appended> append(Writing writing);
  void must_append(Writing writing);
  [[noreturn]] void suspend_unwritten(Error error);
  void flush();
  /// Puts a value under `name` of the body, or as an artifact where it is large.
  void store(Json& body, const char* name, const char* artifact_name, Json value);
  Json load_artifact(std::string_view hash);

  // A step that has no outcome yet. An empty optional: go on and call it.
  std::optional<Result<Json>> check_stop(Attempt& attempt);
  Result<Json> execute(Attempt& attempt);
  std::optional<Result<Json>> recover(Attempt& attempt);
  std::optional<Result<Json>> write_intent(Attempt& attempt);
  std::optional<Result<Json>> adopt(Attempt& attempt);
  std::optional<Result<Json>> ask_about_unknown(Attempt& attempt, const Error& error);
  std::optional<Result<Json>> after_failure(Attempt& attempt, const Error& error, bool known_failed);
  std::optional<Result<Json>> retry_later(Attempt& attempt, const Error& error, bool known_failed);
  Result<Json> call(Attempt& attempt, bool& known_failed);
  Result<Json> complete(Attempt& attempt, const Result<Json>& outcome, const std::string& note = {});
  std::optional<Result<Json>> wait_until(Attempt& attempt, TimeMs due);
  StepContext context_of(const Attempt& attempt) const;
  Doing doing_of(const std::string& path) const;
  NewEvent question_about(const Attempt& attempt, const Error& error, std::vector<NewApproval>& approvals) const;

  Json decided(const std::string& path, const Record& record, Parking again);
  void tell(StepProgress::Phase phase, const std::string& path, int attempt = 1, const std::string& why = {}) const;

  // Branches and children.
  struct Fan;  // the branches of one `parallel`
  void open(Fan& fan, std::chrono::milliseconds deadline);
  void execute_together(Fan& fan) const;
  void execute_branch(const BranchCall& call);
  void settle(Fan& fan);
  NewChild new_child(const std::string& path, const std::string& workflow, Json input) const;
  Result<Json> child_outcome(const std::string& path, const Record& record, Parking waiting);

  Execution& execution_;
  Engine::Ports& ports_;
  const EngineOptions& options_;
  RunInfo& info_;  // head_seq changes with every append; the rest stays as it was claimed
  History& history_;
  Interrupt& interrupt_;
  std::string lane_;              // of its paths: see lane_of
  std::optional<TimeMs> due_at_;  // of a branch, or of one that it lies in
  std::string over_;              // the `parallel` around it of which the history holds the end, or what came after it; empty: none
  std::optional<Stop> stop_{};
  Parking parking_{};  // a branch: what it waits for
  /// A pure or read outcome waits here for the next append, which happens before anything else is begun.
  std::vector<NewEvent> pending_{};
};

std::string approval_id_of(const RunId& run, const std::string& path, const std::string& subject_hash);

}  // namespace sluice::workflow_detail
