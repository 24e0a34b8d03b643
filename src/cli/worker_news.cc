#include "cli/worker_news.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace sluice {
namespace {

using What = WorkerNews::What;

double seconds_of(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

Json event_of(const WorkerNews& news, std::optional<AskStatus> status) {
  Json event = Json::object().set("event", std::string(enum_name(news.what))).set("at", iso_time(wall_clock_ms()));
  if (!news.run.id.empty()) event.set("run_id", news.run.id.text).set("workflow", news.run.name).set("queue", news.run.place.queue);
  if (status) event.set("status", enum_name(*status));
  if (!news.run.id.empty() && news.what != What::taken) event.set("seconds", seconds_of(news.took));
  if (news.what == What::waiting) event.set("reason", news.run.reason);
  if (news.runs > 0) event.set("runs", news.runs);
  if (news.error) event.set("error", encode(*news.error));
  return event;
}

/// "ended · r-01j… · ask · answered · 0.31 s".
std::string line_of(const WorkerNews& news, std::optional<AskStatus> status) {
  switch (news.what) {
    case What::journal_lost: return "the journal cannot be reached, trying again: " + show_hidden(news.error->message, false);
    case What::journal_back: return "the journal is back";
    case What::idle: return "nothing is due; waiting for runs";
    case What::draining:
      return "takes nothing more; " + counted(news.runs, "run") + " may go on for a while (a second Ctrl-C or SIGTERM hands back at once)";
    case What::stopping: return "stops and hands back " + counted(news.runs, "run");
    default: break;
  }
  std::string what(enum_name(news.what));
  std::replace(what.begin(), what.end(), '_', ' ');
  std::string line = what + " · " + news.run.id.text + " · " + news.run.name;
  if (news.what == What::taken) return line;
  // What became of the run; of one that goes on elsewhere that is still open.
  const bool settled = news.what == What::ended || (news.what == What::waiting && status != AskStatus::waiting);
  if (settled && status) line += " · " + std::string(enum_name(*status));
  char took[32];
  std::snprintf(took, sizeof took, "%.2f s", seconds_of(news.took));
  line += std::string(" · ") + took;
  if (news.error) return line + ": " + show_hidden(news.error->code + " " + news.error->message, false);
  return news.what == What::waiting ? line + ": " + show_hidden(news.run.reason, false) : line;
}

}  // namespace

TellWork worker_news(const Session& session) {
  return [&session](const WorkerNews& news, std::optional<AskStatus> status) {
    say(line_of(news, status));
    if (session.output == OutputFormat::jsonl) print_text(event_of(news, status).dump_text() + "\n");
  };
}

[[noreturn]] void end_with_stuck(const std::vector<RunId>& stuck) {
  for (const RunId& run : stuck) say("did not stop, ended with this process · " + run.text);
  std::fflush(nullptr);
  std::_Exit(kExitHandled);
}

}  // namespace sluice
