#include <algorithm>
#include <cstdio>

#include "app/app_inner.h"
#include "app/recorded.h"
#include "app/run_status.h"
#include "base/text.h"

// Questions that wait for a worker, the worker, and messages to runs.
namespace sluice {
namespace {

constexpr std::size_t kDedupKeyMax = 200, kTopicMax = 100, kMessageIdMax = 100, kSignalMax = 1'000'000;  // bytes

Error no_queue(const std::string& name) {
  return {ErrorKind::input, "E0814", "\"" + show_hidden(name, false) + "\" is no name of a queue",
          "use letters, digits, \"_\", \"-\" and \".\", at most 63, a letter or digit first", 0};
}

Error no_signal(const std::string& what, const std::string& hint) { return {ErrorKind::input, "E0815", what, hint, 0}; }

QueueLimits limits_of(const Config& config, const std::string& name) {
  constexpr TimeMs kMsPerSecond = 1000;
  QueueLimits limits{.queue = name};
  const auto found = std::ranges::find(config.queues, name, &QueueConfig::name);
  if (found == config.queues.end()) return limits;
  limits.running_max = static_cast<int>(found->running_max);
  limits.tenant_running_max = static_cast<int>(found->tenant_running_max);
  limits.starts_max = static_cast<int>(found->starts_max);
  limits.starts_per_ms = found->starts_per_seconds * kMsPerSecond;
  return limits;
}

/// Those that a worker serves where nobody says which.
std::vector<std::string> usual_queues(const Config& config) {
  if (!config.worker.queues.empty()) return config.worker.queues;
  std::vector<std::string> names;
  for (const QueueConfig& queue : config.queues) names.push_back(queue.name);
  const std::string usual = QueueLimits{}.queue;
  if (std::ranges::find(names, usual) == names.end()) names.push_back(usual);
  return names;
}

}  // namespace

Result<Enqueued> App::enqueue(const AskRequest& request, const QueuedAs& as) {
  if (!is_queue_name(as.queue)) return no_queue(as.queue);
  if (as.dedup_key.size() > kDedupKeyMax || as.dedup_key != replace_invalid_utf8(as.dedup_key))
    return Error{ErrorKind::input, "E0814", "the key against doubles is no text of at most " + std::to_string(kDedupKeyMax) + " bytes",
                 "use a short text, such as a ticket's number", 0};
  TRY(Engine * engine, inner_->workflows_for(request));
  TRY(const AskInput input, inner_->ask_input(request));
  StartOptions options = inner_->start_options(input, request.by);
  options.place = {.queue = as.queue, .priority = as.priority};
  options.dedup_key = as.dedup_key;
  const bool may_exist = !as.dedup_key.empty();
  if (may_exist) {
    TRY(const std::optional<RunId> same, inner_->asked_before(as.dedup_key, input));
    if (same) return Enqueued{*same, true};
  }
  auto started = engine->start(kAsk, encode(input), options);
  if (started) return Enqueued{*std::move(started)};
  if (!may_exist || started.error().code != "E0121") return std::move(started).error();
  // Of two who asked at the same moment, one comes second.
  TRY(const std::optional<RunId> same, inner_->asked_before(as.dedup_key, input));
  return same ? Result<Enqueued>(Enqueued{*same, true}) : std::move(started).error();
}

/// The run that has the key, if the same was asked: the date and the configuration may be others by now.
Result<std::optional<RunId>> App::Inner::asked_before(const std::string& dedup_key, const AskInput& input) {
  TRY(const std::vector<RunInfo> runs, journal->runs({.limit = 1, .name = kAsk, .tenant = "", .dedup_key = dedup_key}));
  if (runs.empty() || !runs.front().forked_from.empty()) return std::optional<RunId>{};  // a fork was asked for in other words
  TRY(const std::vector<EventInfo> first, journal->events(runs.front().id, 0, 1));
  if (first.empty()) return std::optional<RunId>{};
  TRY(const AskInput there, recorded<AskInput>(runs.front().id, first.front().body["input"]));
  const bool same =
      there.connection == input.connection && there.question == input.question && there.sql == input.sql && there.feedback == input.feedback;
  return same ? std::optional(runs.front().id) : std::nullopt;
}

Result<WorkerOptions> App::worker_options(const WorkRequest& request) const {
  const Config& config = inner_->config;
  WorkerOptions options{.queues = {}, .until_idle = request.until_idle};
  for (const std::string& name : request.queues.empty() ? usual_queues(config) : request.queues) {
    if (!is_queue_name(name)) return no_queue(name);
    options.queues.push_back(limits_of(config, name));
  }
  options.concurrency = request.concurrency.value_or(static_cast<int>(config.worker.concurrency));
  options.drain = request.drain.value_or(std::chrono::seconds(config.worker.drain_seconds));
  return options;
}

Result<WorkerReport> App::work(WorkerOptions options, TellWork tell, const std::stop_token& stop, const std::stop_token& hurry) {
  TRY(Engine * engine, inner_->workflows());
  options.on_idle = [this] { rest(); };
  options.on_end = inner_->ports.stop_waiting;
  auto told = [this, tell = std::move(tell)](const WorkerNews& news) {
    if (news.run.id.empty()) return tell(news, std::nullopt);
    if (news.output)
      if (const auto status = Inner::outcome_status(news.run.id, *news.output)) return tell(news, *status);
    WorkerNews of_run = news;
    const AskStatus status = status_of(of_run.run, inner_->journal->now());
    tell(of_run, status);
  };
  inner_->worker = std::make_unique<Worker>(*engine, *inner_->journal, inner_->ports.clock, std::move(options), std::move(told));
  return inner_->worker->run(stop, hurry);
}

void App::stop_waiting() {
  if (inner_->ports.stop_waiting) inner_->ports.stop_waiting();
}

Result<std::map<std::string, std::int64_t>> App::waiting_elsewhere(const std::vector<QueueLimits>& served) {
  TRY_VOID(inner_->workflows());
  TRY(const std::vector<RunInfo> waiting, inner_->journal->runs({.status = RunStatus::ready, .limit = kListMax}));
  std::map<std::string, std::int64_t> elsewhere;
  for (const RunInfo& run : waiting)
    if (run.imported.empty() && std::ranges::find(served, run.place.queue, &QueueLimits::queue) == served.end()) ++elsewhere[run.place.queue];
  return elsewhere;
}

Result<> App::signal(const RunId& run, const std::string& topic, const Json& data, const std::string& id, const std::string& by) {
  if (topic == kCancelTopic) return no_signal("a signal cannot cancel a run", "use: sluice runs cancel " + run.text);
  for (const auto& [what, text, most] : {std::tuple{"topic", &topic, kTopicMax}, std::tuple{"message's id", &id, kMessageIdMax}})
    if (text->size() > most || *text != replace_invalid_utf8(*text))
      return no_signal(std::string("the ") + what + " is no text of at most " + std::to_string(most) + " bytes", "use a short name");
  if (topic.empty()) return no_signal("the topic is empty", "name what the run waits for: `sluice runs show " + run.text + "` says it");
  if (id == kCancelTopic) return no_signal("a message's id cannot be \"cancel\"", "use another one, or none");
  if (const std::size_t size = data.dump().size(); size > kSignalMax)
    return Error{ErrorKind::input, "E0124",
                 "the message is too large: " + human_bytes(static_cast<std::int64_t>(size)) + ", at most " + human_bytes(kSignalMax),
                 "send less; large data belongs into a table or a file", 0};
  TRY_VOID(inner_->workflows());
  NewMessage message{.id = id, .topic = topic, .sender = inner_->actor(by), .body = data};
  if (id.empty()) {
    char made[24];
    std::snprintf(made, sizeof made, "m-%016llx", static_cast<unsigned long long>(inner_->ports.random.next()));
    message.id = made;
  }
  return inner_->journal->send(run, message);
}

}  // namespace sluice
