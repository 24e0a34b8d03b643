#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

Json swept_json(const Swept& swept) { return Json::object().set("files", swept.files).set("bytes", swept.bytes); }

Json report_json(const RetentionReport& report, bool dry) {
  return Json::object()
      .set("dry_run", dry)
      .set("runs", report.runs)
      .set("events", report.events)
      .set("approvals", report.approvals)
      .set("artifacts", swept_json(report.artifacts))
      .set("results", swept_json(report.results))
      .set("results_of", encode(report.journals_of_results))
      .set("whole", report.whole);
}

/// Why no results were deleted; "" where they were.
std::string results_kept(const RetentionReport& report) {
  if (report.journals_of_results.size() < 2) return "";
  std::string names;
  for (const std::string& name : report.journals_of_results) names += (names.empty() ? "" : ", ") + name;
  return "results are kept: this folder has results of several journals (" + names +
         "), and this one does not know what the others need. Where they are gone for good, take their lines out of .sluice/results-of";
}

std::string report_text(const RetentionReport& report, bool dry) {
  return std::string(dry ? "would delete " : "deleted ") + counted(report.runs, "run") + " with " + counted(report.events, "event") + ", " +
         counted(report.approvals, "approval") + "; " + counted(report.artifacts.files, "artifact") + " (" + human_bytes(report.artifacts.bytes) +
         ") and " + counted(report.results.files, "result") + " (" + human_bytes(report.results.bytes) + ")\n";
}

/// A run that was looked at, with its status as lists show it.
struct Looked {
  Preflight found{};
  AskStatus status = AskStatus::waiting;
};

Json preflight_json(const Looked& looked) {
  const Preflight& found = looked.found;
  return Json::object()
      .set("run_id", found.run.id.text)
      .set("workflow", found.run.name)
      .set("version", found.run.code_version)
      .set("status", std::string(enum_name(looked.status)))
      .set("fine", !found.problem)
      .set("at", found.at.empty() ? Json() : Json(found.at))
      .set("error", found.problem ? encode(*found.problem) : Json());
}

std::string outcome_text(const Preflight& found) {
  if (found.problem) return found.problem->code + " " + found.problem->message;
  if (is_final(found.run.status)) return "has ended, and is executed again as recorded";
  return found.at.empty() ? "would end" : "would go on at " + found.at;
}

}  // namespace

int run_runs_prune(Session& session, const PruneOptions& options) {
  const auto older = parse_duration(options.older_than), approvals = parse_duration(options.approvals_older_than);
  if (!older) return report_usage(session, older.error());
  if (!approvals) return report_usage(session, approvals.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  Result<RetentionReport> done = RetentionReport{};
  {
    Progress progress(session.terminal);
    progress.stage("deleting old runs");
    done = (*app)->prune(
        {.older_than = *older, .approvals_older_than = *approvals, .dry = options.dry}, [&](const std::string& what) { progress.words(what); },
        session.interrupted);
  }
  if (!done) return report(session, done.error());
  if (session.output == OutputFormat::table)
    print_text(report_text(*done, options.dry));
  else
    print_record(session, report_json(*done, options.dry));
  if (const std::string kept = results_kept(*done); !kept.empty()) say(kept);
  if (done->whole) return kExitOk;
  say("stopped before its end; what it says was done, the rest is still there: run it again");
  return kExitHandled;
}

int run_runs_preflight(Session& session, const std::vector<std::string>& ids) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  std::vector<RunId> only;
  for (const std::string& id : ids) {
    auto run = (*app)->find_run(id);
    if (!run) return report(session, run.error());
    only.push_back(*std::move(run));
  }
  std::vector<Looked> found;
  Result<PreflightReport> done = PreflightReport{};
  {
    Progress progress(session.terminal);
    progress.stage("executing histories");
    done = (*app)->preflight(
        only, [&](const Preflight& one, AskStatus status) { found.push_back({one, status}); }, [&](const std::string& what) { progress.words(what); },
        session.interrupted);
  }
  if (!done) return report(session, done.error());
  TableView table;
  table.whole_column("run");
  for (const char* title : {"workflow", "version", "status", "outcome"}) table.column(title);
  for (const auto& [one, status] : found)
    table.row({one.run.id.text, one.run.name, one.run.code_version, std::string(enum_name(status)), outcome_text(one)});
  const int printed = print_list(session, found, preflight_json, table, "no run is open");
  if (session.output == OutputFormat::table) {
    for (const auto& [one, status] : found)
      if (one.problem) say_error(session, *one.problem);
    say(counted(done->fine, "run") + " can go on with this release, " + with_thousands(done->stuck) + " cannot");
  }
  if (!done->whole) say("stopped before its end");
  return done->stuck > 0 || !done->whole ? kExitHandled : printed;
}

}  // namespace sluice
