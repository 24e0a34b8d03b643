#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

Json summary_json(const CopySummary& summary, const std::string& file) {
  return Json::object()
      .set("run_id", summary.run.text)
      .set("file", file)
      .set("runs", summary.runs)
      .set("events", summary.events)
      .set("approvals", summary.approvals)
      .set("artifacts", summary.artifacts)
      .set("bytes", summary.bytes)
      .set("hash", summary.hash);
}

int print_summary(const Session& session, const char* did, const CopySummary& summary, const std::string& file) {
  if (session.output != OutputFormat::table) return print_record(session, summary_json(summary, file));
  say(std::string(did) + " " + counted(summary.runs, "run") + " with " + counted(summary.events, "event") + ", " +
      counted(summary.approvals, "approval") + " and " + counted(summary.artifacts, "artifact") + ", " + human_bytes(summary.bytes));
  say("SHA-256 of the whole: " + summary.hash);
  return print_text(summary.run.text + "\n");
}

Error file_trouble(const std::string& file, const std::string& why, const std::string& hint) {
  return {ErrorKind::storage, "E0802", "\"" + show_hidden(file, false) + "\" " + why, hint, 0};
}

}  // namespace

int run_runs_export(Session& session, const std::string& id, const std::string& file) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  std::error_code failure;
  if (std::filesystem::exists(file, failure))
    return report(session, file_trouble(file, "is there already", "choose another name: an export overwrites nothing"));
  // Beside its place until it is whole, so that half an export is never taken for one.
  const std::string unfinished = file + ".part";
  std::ofstream to(unfinished, std::ios::binary | std::ios::trunc);
  if (!to)
    return report(session, file_trouble(file, std::string("cannot be written: ") + std::strerror(errno), "check the folder and its permissions"));
  auto summary = (*app)->export_run(*run, to);
  to.close();
  if (summary && !to) summary = file_trouble(file, "cannot be written to its end", "make room on its disk");
  if (summary) std::filesystem::rename(unfinished, file, failure);
  if (summary && failure) summary = file_trouble(file, "cannot be written: " + failure.message(), "check the folder and its permissions");
  if (!summary) {
    std::filesystem::remove(unfinished, failure);
    return report(session, summary.error());
  }
  return print_summary(session, "exported", *summary, file);
}

int run_runs_import(Session& session, const std::string& file) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  std::error_code failure;
  std::ifstream from(file, std::ios::binary);
  if (!from || !std::filesystem::is_regular_file(file, failure)) {
    const std::string why = from ? "is no file" : std::strerror(errno);
    return report(session, Error{ErrorKind::input, "E0805", "\"" + show_hidden(file, false) + "\" cannot be read: " + why,
                                 "give the file that `sluice runs export` wrote", 0});
  }
  const auto summary = (*app)->import_runs(from);
  if (!summary) return report(session, summary.error());
  const int printed = print_summary(session, "imported", *summary, file);
  if (session.output == OutputFormat::table)
    say("  look at it:  sluice runs show " + summary->run.text + "   (a copy: it can be forked, not executed)");
  return printed;
}

}  // namespace sluice
