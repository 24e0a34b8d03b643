#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

Json fault_json(const AuditFault& fault) {
  return Json::object()
      .set("no", fault.no > 0 ? Json(fault.no) : Json())
      .set("run", fault.run.empty() ? Json() : Json(fault.run.text))
      .set("path", fault.path.empty() ? Json() : Json(fault.path))
      .set("what", fault.what);
}

Json counts(const NotCovered& found) { return Json::object().set("decisions", found.decisions).set("effects", found.effects); }

Json report_json(const AuditReport& report) {
  Json::Array faults;
  for (const AuditFault& fault : report.faults) faults.push_back(fault_json(fault));
  return Json::object()
      .set("sound", report.sound() && report.whole)
      .set("entries", report.entries)
      .set("head", report.head.hash)
      .set("begins_at", report.begins_at ? Json(iso_time(*report.begins_at)) : Json())
      .set("decisions", report.decisions)
      .set("effects", report.effects)
      .set("refusals", report.refusals)
      .set("anchors", report.anchors)
      .set("runs", report.runs)
      .set("pruned_runs", report.pruned_runs)
      .set("not_covered", counts(report.older))
      .set("brought_in_not_covered", counts(report.brought_in))
      .set("whole", report.whole)
      .set("fault_count", report.fault_count)
      .set("faults", Json(std::move(faults)));
}

std::string fault_text(const AuditFault& fault) {
  std::string where = fault.no > 0 ? "entry " + std::to_string(fault.no) : "no entry";
  if (!fault.run.empty()) where += " · run " + fault.run.text;
  if (!fault.path.empty()) where += " · " + fault.path;
  return "✗ " + where + ": " + fault.what;
}

void say_report(const AuditReport& report) {
  std::string text = counted(report.entries, "entry");
  if (report.entries != 1) text = with_thousands(report.entries) + " entries";
  text += ": " + counted(report.decisions, "decision") + ", " + counted(report.effects, "effect") + ", " + counted(report.refusals, "refusal") +
          "; compared with " + counted(report.runs, "run");
  if (report.pruned_runs > 0) text += "; " + counted(report.pruned_runs, "run") + " of them deleted by retention";
  print_text(text + "\n");
  if (report.anchors > 0) print_text("held against " + counted(report.anchors, "anchor") + "\n");
  if (report.older.decisions + report.older.effects > 0)
    print_text("not covered: " + counted(report.older.decisions, "decision") + " and " + counted(report.older.effects, "effect") +
               " are older than the chain" + (report.begins_at ? ", which begins at " + iso_time(*report.begins_at) : std::string()) + "\n");
  if (report.brought_in.decisions + report.brought_in.effects > 0)
    print_text("not covered: " + counted(report.brought_in.decisions, "decision") + " and " + counted(report.brought_in.effects, "effect") +
               " came with forks and copies, of which an earlier release noted no hash\n");
  for (const AuditFault& fault : report.faults) print_text(show_hidden(fault_text(fault), false) + "\n");
  if (const std::int64_t more = report.fault_count - std::ssize(report.faults); more > 0) print_text("… and " + with_thousands(more) + " more\n");
}

Error stopped_early() {
  return {ErrorKind::cancelled, "E0118", "the verification was stopped before its end: nothing can be said of the rest", "run it again", 0};
}

Error cannot_write(const std::string& file, int why) {
  return {ErrorKind::storage, "E0802", "the export could not be written to " + show_hidden(file, false) + ": " + std::strerror(why),
          "check the space and permissions where it goes", 0};
}

Error is_there(const std::string& file) {
  return {ErrorKind::storage, "E0802", "\"" + show_hidden(file, false) + "\" is there already", "choose another name: an export overwrites nothing",
          0};
}

/// A file that takes its name only when it is complete and on disk.
class WholeFile {
 public:
  explicit WholeFile(std::string name)
      : name_(std::move(name)), beside_(name_ + ".tmp-" + std::to_string(getpid())), stream_(std::fopen(beside_.c_str(), "wbe")), opening_(errno) {}
  ~WholeFile() {
    if (stream_ != nullptr) std::fclose(stream_);
    if (!done_) ::unlink(beside_.c_str());
  }
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  Result<> write(const std::string& text) {
    if (stream_ == nullptr) return cannot_write(name_, opening_);
    if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) return cannot_write(name_, errno);
    return {};
  }
  Result<> finish() {
    if (stream_ == nullptr) return cannot_write(name_, opening_);
    if (std::fflush(stream_) != 0 || ::fsync(::fileno(stream_)) != 0) return cannot_write(name_, errno);
    done_ = ::rename(beside_.c_str(), name_.c_str()) == 0;
    return done_ ? Result<>() : Result<>(cannot_write(name_, errno));
  }

 private:
  std::string name_, beside_;
  std::FILE* stream_;
  int opening_;  // errno where there is no stream
  bool done_ = false;
};

}  // namespace

int run_audit_verify(Session& session, const AuditOptions& options) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  Result<AuditReport> found = AuditReport{};
  {
    Progress progress(session.terminal);
    progress.stage("verifying the audit chain");
    found = (*app)->verify_audit(
        options.file, [&](const std::string& what) { progress.words("verifying the audit chain: " + what); }, session.interrupted);
  }
  if (!found) return report(session, found.error());
  if (session.output == OutputFormat::table)
    say_report(*found);
  else
    print_record(session, report_json(*found));
  if (!found->sound()) {
    say_error(session, audit_broken(*found));
    return kExitHandled;
  }
  if (!found->whole) {
    say_error(session, stopped_early());
    return kExitHandled;
  }
  if (session.output == OutputFormat::table) say("the chain is whole, and the journal says what it says");
  if (options.file.empty() && session.output == OutputFormat::table)
    say("whether newest entries were cut off, or all of them written anew, only anchors tell: sluice audit anchor FILE");
  return kExitOk;
}

int run_audit_anchor(Session& session, const AuditOptions& options) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto anchor = (*app)->anchor_audit(options.file);
  if (!anchor) return report(session, anchor.error());
  const Json record = *anchor ? Json::object().set("no", (*anchor)->no).set("hash", (*anchor)->hash).set("at", iso_time((*anchor)->at))
                              : Json::object().set("no", 0).set("hash", Json()).set("at", Json());
  if (session.output != OutputFormat::table) return print_record(session, record);
  say(*anchor ? "noted in " + options.file + ": entry " + with_thousands((*anchor)->no) + ", " + (*anchor)->hash
              : "the chain has no entry yet: nothing was noted");
  return kExitOk;
}

int run_audit_export(Session& session, const AuditOptions& options) {
  std::chrono::milliseconds newest{0};
  if (!options.since.empty()) {
    const auto since = parse_duration(options.since);
    if (!since) return report_usage(session, since.error());
    newest = *since;
  }
  auto app = session.open();
  if (!app) return report(session, app.error());
  const bool to_file = !options.file.empty() && options.file != "-";
  std::error_code failure;
  if (to_file && std::filesystem::exists(options.file, failure)) return report(session, is_there(options.file));
  const auto file = to_file ? std::make_unique<WholeFile>(options.file) : nullptr;
  const auto lines = (*app)->export_audit(
      newest,
      [&](const std::string& line) -> Result<> {
        if (file) return file->write(line);
        if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return {};
        return cannot_write("standard output", errno);
      },
      session.interrupted);
  if (!lines) return report(session, lines.error());
  if (session.interrupted.stop_requested()) return report(session, stopped_early());
  if (!file) return std::fflush(stdout) == 0 ? kExitOk : kExitHandled;
  if (const auto written = file->finish(); !written) return report(session, written.error());
  if (session.output != OutputFormat::table) return print_record(session, Json::object().set("file", options.file).set("entries", *lines));
  say("wrote " + with_thousands(*lines) + (*lines == 1 ? " entry to " : " entries to ") + options.file);
  return kExitOk;
}

}  // namespace sluice
