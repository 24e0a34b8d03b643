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

Json event_of(const WorkerNews& news) {
  Json event = Json::object().set("event", std::string(enum_name(news.what))).set("at", iso_time(wall_clock_ms()));
  if (!news.run.id.empty())
    event.set("run_id", news.run.id.text).set("workflow", news.run.name).set("queue", news.run.place.queue).set("status", enum_name(news.run.status));
  if (!news.run.id.empty() && news.what != What::taken) event.set("seconds", seconds_of(news.took));
  if (news.error) event.set("error", encode(*news.error));
  return event;
}

/// "ended · r-01j… · ask · done · 0.31 s".
std::string line_of(const WorkerNews& news) {
  if (news.what == What::journal_lost) return "the journal cannot be reached, trying again: " + show_hidden(news.error->message, false);
  if (news.what == What::journal_back) return "the journal is back";
  std::string what(enum_name(news.what));
  std::replace(what.begin(), what.end(), '_', ' ');
  std::string line = what + " · " + news.run.id.text + " · " + news.run.name;
  if (news.what == What::taken) return line;
  char took[32];
  std::snprintf(took, sizeof took, "%.2f s", seconds_of(news.took));
  if (news.what != What::failed) line += " · " + std::string(enum_name(news.run.status));
  return line + " · " + took + (news.error ? ": " + show_hidden(news.error->code + " " + news.error->message, false) : "");
}

Result<WorkRequest> work_request(const WorkerCommand& command) {
  WorkRequest request{.until_idle = command.until_idle};
  for (const std::string_view name : split(command.queues, ','))
    if (!trim(name).empty()) request.queues.emplace_back(trim(name));
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
  if (!options) return report(session, options.error());
  say_how_it_begins(*options);
  const Interrupts::SecondCounts both_signals;
  const auto tell = [&session](const WorkerNews& news) {
    say(line_of(news));
    if (session.output == OutputFormat::jsonl) print_text(event_of(news).dump_text() + "\n");
  };
  const auto done = (*app)->work(*options, tell, session.interrupted, session.hurried);
  if (!done) return report(session, done.error());
  say("took " + counted(done->taken, "run") + " · " + std::to_string(done->ended) + " ended, " + std::to_string(done->parked) + " parked, " +
      std::to_string(done->handed_back) + " handed back, " + std::to_string(done->failed) + " failed");
  if (!done->stuck.empty()) end_with(done->stuck);
  return kExitOk;
}

}  // namespace sluice
