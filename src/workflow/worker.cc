#include "workflow/worker.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "workflow/workflow_errors.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kBackoffFirst{200}, kBackoffMax{5'000};  // between looks into a journal that fails
constexpr std::chrono::milliseconds kLeftGap{100};                           // between looks while a run that was left waits for its next claim
constexpr std::chrono::milliseconds kLookGap{15};                            // between looks that found too little: every step of a run is news

}  // namespace

struct Worker::Inner {
  using What = WorkerNews::What;
  Inner(Engine& the_engine, Journal& the_journal, Clock& the_clock, WorkerOptions the_options, std::function<void(const WorkerNews&)> the_tell)
      : engine(the_engine), journal(the_journal), clock(the_clock), options(std::move(the_options)), tell(std::move(the_tell)) {}

  void open();
  void work();
  void execute(const RunInfo& run);
  WorkerNews outcome_of(const RunInfo& run);
  void listen(std::uint64_t seen, const std::stop_token& stop);
  void serve(const std::stop_token& stop);
  bool wait_for_news(const std::stop_token& stop);
  std::size_t take(int limit);
  void drain(const std::stop_token& hurry);
  bool wait_until_free(std::chrono::milliseconds at_most, const std::stop_token& hurry);
  void say(const WorkerNews& what);
  int busy_now();
  int busy() const { return static_cast<int>(executing.size() + waiting.size()); }  // with `mutex`

  Engine& engine;
  Journal& journal;
  Clock& clock;
  const WorkerOptions options;
  const std::function<void(const WorkerNews&)> tell;
  std::stop_source interrupt{};  // of what is being executed
  std::chrono::milliseconds backoff{0};
  std::mutex telling{};
  std::mutex mutex{};  // guards what follows
  std::condition_variable_any changed{};
  bool closed = false;  // the pool ends once nothing is waiting
  bool news = false;    // something changed in the journal
  std::deque<RunInfo> waiting{};
  std::map<RunId, int> executing{};
  WorkerReport report{};
  std::vector<std::jthread> pool{};
  std::jthread listener{};
};

Worker::Worker(Engine& engine, Journal& journal, Clock& clock, WorkerOptions options, std::function<void(const WorkerNews&)> tell) {
  options.concurrency = std::clamp(options.concurrency, 1, kClaimsMax);
  inner_ = std::make_unique<Inner>(engine, journal, clock, std::move(options), std::move(tell));
}

Worker::~Worker() = default;  // joins the pool

void Worker::Inner::say(const WorkerNews& what) {
  if (!tell) return;
  const std::scoped_lock lock(telling);
  tell(what);
}

WorkerReport Worker::run(const std::stop_token& stop, const std::stop_token& hurry) {
  inner_->open();
  const auto end_if_free = [this] {
    if (inner_->busy_now() == 0 && inner_->options.on_end) inner_->options.on_end();
  };
  const std::stop_callback at_once(stop, end_if_free);
  inner_->serve(stop);
  inner_->drain(hurry);
  end_if_free();
  inner_->listener = {};
  const std::scoped_lock lock(inner_->mutex);
  inner_->closed = true;
  inner_->changed.notify_all();
  for (const auto& [run, count] : inner_->executing) inner_->report.stuck.push_back(run);
  return inner_->report;
}

void Worker::Inner::open() {
  for (int n = 0; n < options.concurrency; ++n) pool.emplace_back([this] { work(); });
  listener = std::jthread([this, seen = journal.change_no()](const std::stop_token& stop) { listen(seen, stop); });
}

/// A thread of the pool.
void Worker::Inner::work() {
  for (;;) {  // until the pool is closed
    RunInfo run;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return closed || !waiting.empty(); });
      if (waiting.empty()) return;
      run = std::move(waiting.front());
      waiting.pop_front();
      ++executing[run.id];
    }
    execute(run);
    const std::scoped_lock lock(mutex);
    if (--executing[run.id] == 0) executing.erase(run.id);
    changed.notify_all();
  }
}

void Worker::Inner::execute(const RunInfo& run) {
  say({.what = What::taken, .run = run});
  const auto begun = clock.steady();
  WorkerNews ended = outcome_of(run);
  ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - begun);
  say(ended);
  const std::scoped_lock lock(mutex);
  report.ended += ended.what == What::ended ? 1 : 0;
  report.waiting += ended.what == What::waiting ? 1 : 0;
  report.handed_back += ended.what == What::handed_back ? 1 : 0;
  report.aborted += ended.what == What::aborted ? 1 : 0;
}

WorkerNews Worker::Inner::outcome_of(const RunInfo& run) {
  try {
    auto state = engine.execute_claimed(run, {.stop = interrupt.get_token(), .with_children = false});
    if (!state) {
      // Another process has it now, or will: that is no failure of the run, nor of this worker.
      const bool elsewhere = state.error().kind == ErrorKind::conflict;
      return {.what = elsewhere ? What::handed_back : What::aborted, .run = run, .error = std::move(state).error()};
    }
    const RunStatus status = state->status();
    const bool away = status == RunStatus::ready || status == RunStatus::running;
    const What what = is_final(status) ? What::ended : away ? What::handed_back : What::waiting;
    return {.what = what, .run = std::move(state->run), .error = std::move(state->error), .output = std::move(state->output)};
  } catch (const std::exception& thrown) {  // whatever a run does, the others go on
    return {.what = What::aborted, .run = run, .error = workflow_detail::workflow_threw(run.id, thrown.what())};
  }
}

/// Waits for changes in the loop's stead, so that the loop can wait for its own threads at the same time.
void Worker::Inner::listen(std::uint64_t seen, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::uint64_t now = journal.wait_for_change(seen, options.poll, stop);
    if (now == seen) continue;
    seen = now;
    const std::scoped_lock lock(mutex);
    news = true;
    changed.notify_all();
  }
}

/// Claims until it is told to stop, never more than there are free threads for.
void Worker::Inner::serve(const std::stop_token& stop) {
  bool told_idle = false;
  while (!stop.stop_requested()) {
    int free = 0;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, stop, [this] { return busy() < options.concurrency; });
      free = options.concurrency - busy();
      news = false;
    }
    if (stop.stop_requested()) return;
    const std::size_t taken = take(free);
    if (backoff.count() > 0) {
      clock.sleep(backoff, stop);
      continue;
    }
    const bool idle = taken == 0 && free == options.concurrency;
    if (taken > 0) told_idle = false;
    if (idle) {
      if (options.until_idle && !engine.has_left_runs()) return;
      if (options.until_idle) {
        clock.sleep(kLeftGap, stop);
        continue;
      }
      if (options.on_idle) options.on_idle();  // nobody else gives the pool anything
    }
    if (static_cast<int>(taken) == free) continue;  // there may be more
    if (!wait_for_news(stop) && idle && !told_idle && !stop.stop_requested()) {
      say({.what = What::idle});
      told_idle = true;
    }
  }
}

/// Until it makes sense to look again; whether something has changed.
bool Worker::Inner::wait_for_news(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, kLookGap, [] { return false; });
  return changed.wait_for(lock, stop, options.poll, [this] { return news || (options.until_idle && busy() == 0); });
}

/// Takes runs and gives them to the pool. An outage of the journal is told once.
std::size_t Worker::Inner::take(int limit) {
  auto claimed = engine.claim_due(options.queues, limit);
  if (!claimed) {
    if (backoff.count() == 0) say({.what = What::journal_lost, .error = std::move(claimed).error()});
    backoff = std::clamp(backoff * 2, kBackoffFirst, kBackoffMax);
    return 0;
  }
  if (backoff.count() > 0) say({.what = What::journal_back});
  backoff = std::chrono::milliseconds(0);
  const std::scoped_lock lock(mutex);
  for (RunInfo& run : *claimed) waiting.push_back(std::move(run));
  report.taken += std::ssize(*claimed);
  changed.notify_all();
  return claimed->size();
}

/// Runs may end by themselves for a while; then they are told to stop, and give themselves back.
void Worker::Inner::drain(const std::stop_token& hurry) {
  if (const int runs = busy_now(); runs > 0) say({.what = What::draining, .runs = runs});
  if (wait_until_free(options.drain, hurry)) return;
  say({.what = What::stopping, .runs = busy_now()});
  interrupt.request_stop();
  wait_until_free(options.hand_back, {});
}

int Worker::Inner::busy_now() {
  const std::scoped_lock lock(mutex);
  return busy();
}

bool Worker::Inner::wait_until_free(std::chrono::milliseconds at_most, const std::stop_token& hurry) {
  std::unique_lock lock(mutex);
  return changed.wait_for(lock, hurry, at_most, [this] { return busy() == 0; });
}

}  // namespace sluice
