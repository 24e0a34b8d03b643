#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/eval_view.h"
#include "cli/progress.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

constexpr std::uintmax_t kReportBytesMax = 256'000'000;

Error report_file_error(const std::string& path, const std::string& what, std::string hint) {
  return {ErrorKind::storage, "E0855", path + " " + what, std::move(hint), 0};
}

Result<Json> read_report(const std::string& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return report_file_error(path, "can't be read: " + failure.message(), "check the path and its permissions");
  if (size > kReportBytesMax) return report_file_error(path, "is larger than any report", "name a report that --save wrote");
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  auto json = Json::parse(text.str());
  if (json) return json;
  return Error{ErrorKind::input, "E0854", path + " is not a report of `sluice eval`: " + json.error().message, "save one with --save FILE", 0};
}

/// Under its name only when all of it is written: a report that was there before is not lost to a full disk.
Result<> write_report(const std::string& path, const Json& report) {
  const std::string beside = path + ".part";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << report.dump_text(1) << "\n";
    out.flush();
    if (!out)
      return report_file_error(path, "can't be written: " + std::string(std::strerror(errno)), "check the folder, its permissions and its space");
  }
  std::error_code failure;
  std::filesystem::rename(beside, path, failure);
  if (!failure) return {};
  return report_file_error(path, "can't be written: " + failure.message(), "check the folder and its permissions");
}

/// A place for the report is looked for before anything is asked and paid for.
Result<> can_be_saved(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) return report_file_error(path, "is a folder", "name a file in it");
  const std::string beside = path + ".part";
  const bool was_there = std::filesystem::exists(beside, failure);
  if (!std::ofstream(beside, std::ios::binary | std::ios::app))
    return report_file_error(path, "can't be written: " + std::string(std::strerror(errno)), "check the folder, its permissions and its space");
  if (!was_there) std::filesystem::remove(beside, failure);
  return {};
}

std::string words_of(const EvalProgress& progress) {
  const std::string count = with_thousands(progress.done) + " of " + with_thousands(progress.total);
  if (progress.phase == EvalProgress::Phase::gold) return "running the gold queries: " + count;
  return "asking: " + count + ", " + with_thousands(progress.right) + " right";
}

void say_faults(const Session& session, const eval::Report& report) {
  for (const eval::SetFault& fault : report.faults) {
    Error error = fault.error;
    error.message = report.path + (fault.line > 0 ? " line " + std::to_string(fault.line) : "") + ": " + error.message +
                    (fault.asked ? "" : "; it was not asked");
    say_error(session, error);
  }
  if (report.interrupted) say("Stopped before the end: this is what was there.");
}

int print_report(const Session& session, const eval::Report& report, const eval::Comparison* against, const Json& document) {
  if (session.output == OutputFormat::json) return print_json(document);
  if (session.output == OutputFormat::table) return print_text(eval_text(report, against, session.terminal));
  Json::Array lines;
  for (const eval::ArmReport& arm : report.arms)
    for (const eval::Asked& one : arm.asked) lines.push_back(eval::asked_json(arm.arm.name, one));
  return print_records(session, lines, eval::asked_json("", {}));
}

}  // namespace

int run_eval(Session& session, const EvalOptions& options) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  std::optional<Json> former;
  if (!options.against.empty()) {
    auto read = read_report(options.against);
    if (!read) return report(session, read.error());
    former = *std::move(read);
  }
  if (!options.save.empty())
    if (const auto may = can_be_saved(options.save); !may) return report(session, may.error());
  Progress progress(session.terminal);
  const EvalEvents events{
      .on_progress = [&progress](const EvalProgress& now) { now.done == 0 ? progress.stage(words_of(now)) : progress.words(words_of(now)); }};
  const auto got = (*app)->evaluate(options.request, events, session.interrupted);
  progress.stage("");
  if (!got) return report(session, got.error());
  std::optional<eval::Comparison> against;
  if (former) {
    auto compared = eval::compare(*former, options.against, *got);
    if (!compared) return report(session, compared.error());
    against = *std::move(compared);
  }
  const Json document = eval::report_json(*got, against ? &*against : nullptr);
  say_faults(session, *got);
  if (const int printed = print_report(session, *got, against ? &*against : nullptr, document); printed != kExitOk) return printed;
  // What was stopped is no whole report: it does not take the place of one.
  if (!options.save.empty() && !got->interrupted)
    if (const auto written = write_report(options.save, document); !written) return report(session, written.error());
  return got->faults.empty() && !got->interrupted && !(against && against->has_regression()) ? kExitOk : kExitHandled;
}

}  // namespace sluice
