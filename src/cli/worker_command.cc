#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/usage.h"
#include "cli/worker_news.h"

namespace sluice {
namespace {

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
  const auto done = (*app)->work(*options, worker_news(session), session.interrupted, session.hurried);
  if (!done) return report(session, done.error());
  say("took " + counted(done->taken, "run") + " · " + std::to_string(done->ended) + " ended, " + std::to_string(done->waiting) + " waiting, " +
      std::to_string(done->handed_back) + " handed back, " + std::to_string(done->aborted) + " aborted");
  if (options->until_idle) say_what_waits_elsewhere(**app, *options);
  if (!done->stuck.empty()) end_with_stuck(done->stuck);
  return kExitOk;
}

}  // namespace sluice
