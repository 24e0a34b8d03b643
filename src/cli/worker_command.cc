#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/usage.h"

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

Result<WorkRequest> work_request(const WorkerCommand& command) {
  WorkRequest request{.until_idle = command.until_idle};
  for (const std::string_view name : split(command.queues, ','))
    if (!trim(name).empty()) request.queues.emplace_back(trim(name));
  if (command.some_queues && request.queues.empty())
    return wrong_usage("--queues names no queue", "name one, or leave it out: then those of sluice.yaml are served");
  if (!command.concurrency.empty()) {
    int number = 0;
    const std::string& text = command.concurrency;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 1 || number > kWorkerConcurrencyMax)
      return wrong_usage("--concurrency cannot be \"" + show_hidden(text, false) + "\"",
                         "use a number from 1 to " + std::to_string(kWorkerConcurrencyMax));
    request.concurrency = number;
  }
  if (!command.drain.empty()) {
    TRY(request.drain, parse_duration(command.drain));
  }
  return request;
}

void say_how_it_begins(const WorkerOptions& options) {
  std::vector<std::string> names;
  for (const QueueLimits& queue : options.queues) names.push_back(queue.queue);
  say("serves " + join(names, ", ") + " · " + std::to_string(options.concurrency) + " at once · Ctrl-C or SIGTERM ends it within " +
      human_duration(options.drain.count()) + ", a second one at once");
}

/// Runs that would wait for another worker: a misspelt name of a queue shows here.
void say_what_waits_elsewhere(App& app, const WorkerOptions& options) {
  const auto elsewhere = app.waiting_elsewhere(options.queues);
  if (!elsewhere || elsewhere->empty()) return;
  std::vector<std::string> queues;
  std::int64_t runs = 0;
  for (const auto& [queue, count] : *elsewhere) {
    queues.push_back(queue + " (" + with_thousands(count) + ")");
    runs += count;
  }
  say(counted(runs, "run") + (runs == 1 ? " waits" : " wait") + " in queues that this worker does not serve: " + join(queues, ", "));
}

/// What does not stop can only be ended with the process; its runs go on elsewhere.
[[noreturn]] void end_with(const std::vector<RunId>& stuck) {
  for (const RunId& run : stuck) say("did not stop, ended with this process · " + run.text);
  std::fflush(nullptr);
  std::_Exit(kExitHandled);
}

}  // namespace

int run_worker(Session& session, const WorkerCommand& command) {
  const auto request = work_request(command);
  if (!request) return report_usage(session, request.error());
  if (session.output == OutputFormat::json || session.output == OutputFormat::csv)
    return report_usage(session, wrong_usage("a worker tells what happens as it happens", "use --output jsonl"));
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto options = (*app)->worker_options(*request);
  if (!options) return report_usage(session, options.error());
  say_how_it_begins(*options);
  if (!options->until_idle) say_what_waits_elsewhere(**app, *options);
  const Interrupts::SecondCounts both_signals;
  const auto tell = [&session](const WorkerNews& news, std::optional<AskStatus> status) {
    say(line_of(news, status));
    if (session.output == OutputFormat::jsonl) print_text(event_of(news, status).dump_text() + "\n");
  };
  const auto done = (*app)->work(*options, tell, session.interrupted, session.hurried);
  if (!done) return report(session, done.error());
  say("took " + counted(done->taken, "run") + " · " + std::to_string(done->ended) + " ended, " + std::to_string(done->waiting) + " waiting, " +
      std::to_string(done->handed_back) + " handed back, " + std::to_string(done->aborted) + " aborted");
  if (options->until_idle) say_what_waits_elsewhere(**app, *options);
  if (!done->stuck.empty()) end_with(done->stuck);
  return kExitOk;
}

}  // namespace sluice
