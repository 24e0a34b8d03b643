#pragma once
#include <atomic>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "workflow/context.h"
#include "workflow/engine.h"
#include "workflow/history.h"

namespace sluice::workflow_detail {

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
    lost,       ///< the journal refused or failed; nothing more may be written
  };
  Why why{};
  Error error{};
};

/// Asked from outside to stop the step in flight.
struct Interrupt {
  std::stop_source source{};
  std::atomic<bool> cancelled{false};  ///< the run is to end; else only this process is
};

/// One execution of one claimed run: re-executes its history, then goes on from there. Used by one thread.
class Run {
 public:
  Run(Engine::Ports ports, const EngineOptions& options, RunInfo claimed, const std::vector<EventInfo>& events, Interrupt& interrupt,
      const DriveOptions& drive);

  Context root() { return Context(*this, ""); }
  Result<Json> step(const std::string& path, const StepCall& call);
  Result<RawDecision> wait_for_approval(const std::string& path, Json subject, const ApprovalRequest& request);
  void sleep(const std::string& path, std::chrono::milliseconds duration);
  std::int64_t now_ms(const std::string& path);
  int version(const std::string& path, int current);

  /// Set once the execution has stopped; whatever the workflow function returns then is ignored.
  const std::optional<Stop>& stop() const { return stop_; }
  /// After the workflow function returned: its outcome goes out with `leave`. Suspends on history that it did not come to.
  void finish(const Result<Json>& outcome);
  /// Writes what is pending together with a last event, and gives the run away.
  Result<Appended> leave(std::optional<NewEvent> last, RunStatus to, const std::string& reason = {});
  /// Writes what is pending; the run stays owned.
  Result<> keep();
  /// Ends the execution from outside the workflow function (it threw).
  void pause(Error error) { stop_ = Stop{Stop::Why::paused, std::move(error)}; }
  const RunInfo& info() const { return info_; }

 private:
  struct Attempt;  // a step being executed

  // Ending the execution.
  [[noreturn]] void suspend(Stop::Why why, Error error = {});
  [[noreturn]] void drift(const std::string& path, const std::string& what);
  struct Parking {
    RunStatus status = RunStatus::parked;
    std::optional<TimeMs> wake_at{};
    std::string reason{};
    std::vector<NewEvent> events{};
    std::vector<NewApproval> approvals{};
  };
  [[noreturn]] void park(Parking parking);
  void check_interrupt();
  bool is_late() const;
  void check_stop();

  // Finding one's place in the history.
  Record* look_up(const std::string& path, RecordKind kind);
  Record* arrive(const std::string& path, RecordKind kind);
  void check_input(const std::string& path, const Record& record, const StepCall& call, const std::string& in_hash);
  Result<Json> replay(const std::string& path, const Record& record, const StepCall& call);

  // Writing.
  struct Writing {
    std::vector<NewEvent> events{};
    std::vector<NewApproval> approvals{};
    std::optional<Spend> spend{};
    std::optional<Transition> transition{};
  };
  Result<Appended> append(Writing writing);
  void must_append(Writing writing);
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
  NewEvent question_about(const Attempt& attempt, const Error& error, std::vector<NewApproval>& approvals) const;

  Json decided(const std::string& path, const Record& record, Parking again);
  void tell(StepProgress::Phase phase, const std::string& path, int attempt = 1, const std::string& why = {}) const;

  Engine::Ports ports_;
  const EngineOptions& options_;
  RunInfo info_;
  History history_;
  Interrupt& interrupt_;
  const DriveOptions& drive_;
  std::optional<Stop> stop_{};
  std::set<std::string> used_{};
  /// A pure or read outcome waits here for the next append, which happens before anything else is begun.
  std::vector<NewEvent> pending_{};
};

std::string approval_id_of(const RunId& run, const std::string& path, const std::string& subject_hash);

}  // namespace sluice::workflow_detail
