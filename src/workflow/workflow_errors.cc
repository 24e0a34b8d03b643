#include "workflow/workflow_errors.h"

#include "base/text.h"
#include "workflow/context.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::workflow_detail {
namespace {
std::string resume(const RunId& run) { return "`sluice runs resume " + run.text + "`"; }
std::string events(const RunId& run) { return "`sluice runs events " + run.text + "`"; }
}  // namespace

Error no_workflow(const std::string& name) { return {ErrorKind::not_found, "E0103", "this program has no workflow \"" + name + "\"", "", 0}; }

Error no_version(const RunInfo& run, const std::string& known) {
  return {ErrorKind::not_found, "E0103",
          "this program has no version " + run.code_version + " of workflow \"" + run.name + "\"" + (known.empty() ? "" : " (it has " + known + ")") +
              ", which run \"" + run.id.text + "\" needs",
          "the run goes on with the version that started it: use that release of sluice (" + resume(run.id) +
              "), or cancel the run and ask again: `sluice runs cancel " + run.id.text + "`",
          0};
}

Error drifted(const RunId& run, const std::string& path, const std::string& what) {
  return {ErrorKind::drift, "E0112",
          "run \"" + run.text + "\" is paused: at \"" + path + "\" its recorded history and the workflow disagree: " + what,
          "go on with the release of sluice that recorded it (" + resume(run) + "), or cancel the run and ask again; " + events(run) +
              " shows the history",
          0};
}

Error outcome_unknown(const RunId& run, const std::string& path, const std::string& why) {
  return {ErrorKind::unknown_outcome, "E0114", "step \"" + path + "\" may or may not have happened: " + why,
          "look at the service, then answer with `sluice approvals`: approve = do it again, reject = count it as failed; then " + resume(run), 0};
}

Error until_mended(const RunId& run, Error fault) {
  fault.hint += (fault.hint.empty() ? "" : "; ") + ("the run is paused, and " + resume(run) + " goes on with it");
  return fault;
}

Error no_progress(const RunId& run, int claims) {
  return {ErrorKind::exhausted, "E0116",
          "run \"" + run.text + "\" is paused: it was taken up " + std::to_string(claims) + " times without getting a step further",
          "something ends the process at this step; look at the logs, then " + resume(run), 0};
}

Error step_threw(const std::string& path, const std::string& what) {
  return {ErrorKind::bug, "E0117", "step \"" + path + "\" failed unexpectedly: " + replace_invalid_utf8(what),
          "this is a defect in Sluice; please report it with `sluice doctor --output json`", 0};
}

Error run_cancelled(const RunId& run, const std::string& by, const std::string& reason) {
  return {ErrorKind::cancelled, "E0118", "run \"" + run.text + "\" was cancelled by " + by + (reason.empty() ? "" : ": " + reason), "", 0};
}

Error deadline_passed(const RunId& run, TimeMs deadline) {
  return {ErrorKind::timeout, "E0119", "run \"" + run.text + "\" was not finished by its deadline, " + utc_text(deadline),
          "start it again with more time", 0};
}

Error name_used_twice(const RunId& run, const std::string& path) {
  return {ErrorKind::bug, "E0120", "run \"" + run.text + "\" is paused: the workflow uses the name \"" + path + "\" twice",
          "this is a defect in the workflow: names are unique within a scope, and a loop opens a scope for each round", 0};
}

Error too_large(const std::string& what, std::size_t bytes, std::size_t max) {
  return {ErrorKind::input, "E0124",
          what + " is too large: " + human_bytes(static_cast<std::int64_t>(bytes)) + ", at most " + human_bytes(static_cast<std::int64_t>(max)),
          "send less; large data belongs into a table or a file", 0};
}

Error result_unreadable(const std::string& path, const Error& why) {
  return {ErrorKind::bug, "E0125", "step \"" + path + "\" gave a result that cannot be read back: " + why.message,
          "this is a defect in Sluice; please report it with `sluice doctor --output json`", 0};
}

Error workflow_threw(const RunId& run, const std::string& what) {
  return {ErrorKind::bug, "E0126", "run \"" + run.text + "\" is paused: its workflow failed unexpectedly: " + replace_invalid_utf8(what),
          "this is a defect in Sluice; please report it; after a fix " + resume(run) + " goes on", 0};
}

Error branch_late(const std::string& name, const std::string& branch, std::chrono::milliseconds deadline) {
  return {ErrorKind::timeout, "E0132",
          "branch \"" + branch + "\" of \"" + name + "\" was given up: it was not through after " + std::to_string(deadline.count()) + " ms",
          "the rest of the workflow goes on with what the other branches found", 0};
}

Error too_many_branches(const std::string& path, std::size_t count) {
  return {ErrorKind::exhausted, "E0132",
          "\"" + path + "\" has " + std::to_string(count) + " branches; at most " + std::to_string(kBranchesMax) + " go at once",
          "let the workflow take them in portions", 0};
}

Error too_deep(const RunId& run, const std::string& path) {
  return {ErrorKind::exhausted, "E0135", "run \"" + run.text + "\" cannot start a child at \"" + path + "\": it lies too deep below its root already",
          "a workflow that starts itself needs an end", 0};
}

Error too_many_events(const RunId& run) {
  return {ErrorKind::exhausted, "E0141",
          "run \"" + run.text + "\" is paused: it has come near to the " + std::to_string(kEventsMax) + " events that a run can have",
          "let its workflow do this in child runs, each with a part of it; to end this one: `sluice runs cancel " + run.text + "`", 0};
}

Error lease_lost(const RunId& run) {
  return {ErrorKind::conflict, "E0136",
          "this process stopped working on run \"" + run.text + "\": it could not confirm in time that the run is still its own",
          "nothing is lost: a worker goes on with it, or " + resume(run), 0};
}

}  // namespace sluice::workflow_detail
