// What the engine costs on a journal: one mode a call, which prints one line of JSON.
//   engine_bench MODE --journal sqlite --folder DIR | --journal postgres --url URL --folder DIR   [--concurrency N] [--runs N] [--warm-up N]
//   steps    runs of 5 steps with 400 bytes each, N of them at a time; --barrier 1: says "ready" after the warm-up and waits for a line
//   bare     appends rows of the size of a step's event, without an engine: N writers, whose rows go into one transaction where they meet
//   park     leaves --runs runs at an approval;  parked: measures a journal that `park` has filled
//   resume   a run of --steps steps that was parked behind them: the time to its end in a process that knows nothing of it
//   growth   steps a second while the journal grows to --sizes events
//   size     bytes of a step and of a run
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "engine_modes.h"
#include "journal/artifact_dir.h"
#include "journal/postgres_journal.h"
#include "journal/sqlite_journal.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kBytes = 400;

std::unique_ptr<Journal> open_journal(const Options& options) {
  if (options.journal == "postgres") return must(PostgresJournal::open({.url = options.url}));
  return must(SqliteJournal::open(options.place()));
}

/// Runs of some steps, many at a time.
class Steps {
 public:
  Steps(Bench& bench, const Options& options) : engine_(*bench.engine), options_(options) {
    engine_.add<std::string, std::string>("steps", "1", [this](Context& run, const std::string&) -> Result<std::string> {
      for (std::int64_t n = 0; n < options_.steps; ++n) TRY_VOID(run.scope("n", n).step("step", step_, n));
      return std::string("done");
    });
  }

  /// Returns each step's time: from its start to the next one's, its record on disk included; before the first one, from the run's start.
  Times run(int count) {
    std::vector<Times> times(static_cast<std::size_t>(options_.concurrency));
    std::atomic<int> next{0};
    {
      std::vector<std::jthread> threads;
      for (Times& mine : times) {
        threads.emplace_back([&] {
          while (next++ < count) run_one(mine);
        });
      }
    }
    Times all;
    for (const Times& of_thread : times) all.insert(all.end(), of_thread.begin(), of_thread.end());
    return all;
  }

 private:
  void run_one(Times& times) {
    auto last = BenchClock::now();
    const DriveOptions drive{.on_step = [&](const StepProgress& progress) {
      if (progress.phase != StepProgress::Phase::started) return;
      const auto now = BenchClock::now();
      times.push_back(std::chrono::duration<double, std::milli>(now - last).count());
      last = now;
    }};
    const RunState state = must(engine_.run("steps", Json("run"), {}, drive));
    if (state.status() != RunStatus::done) fail("a run ended as " + std::string(enum_name(state.status())));
  }

  Engine& engine_;
  const Options& options_;
  Activity<std::int64_t, std::string> step_{.effect = Effect::read, .act = [](StepContext&, const std::int64_t& n) -> Result<std::string> {
                                              return std::string(kBytes, static_cast<char>('a' + n % 26));
                                            }};
};

/// Epoch seconds, for putting the times of several processes side by side.
double wall_seconds() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

void wait_for_the_others(const Options& options) {
  if (options.barrier == 0) return;
  std::printf("ready\n");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
}

Json measure(const Options& options, int count, const std::function<Times()>& work) {
  const double begun = wall_seconds();
  const Times times = work();
  const double ended = wall_seconds();
  return spread(times)
      .set("concurrency", options.concurrency)
      .set("steps", count)
      .set("begun", begun)
      .set("ended", ended)
      .set("steps_per_s", count / (ended - begun));
}

Json steps(const Options& options) {
  Bench bench(options);
  Steps work(bench, options);
  work.run(options.warm_up);
  wait_for_the_others(options);
  return measure(options, options.runs * options.steps, [&] { return work.run(options.runs); });
}

/// Writers that leave their rows to whoever commits: one at a time, all that has gathered meanwhile.
class Gathering {
 public:
  explicit Gathering(Store& store) : store_(store) {}

  void append() {
    std::unique_lock lock(mutex_);
    Writer me;
    waiting_.push_back(&me);
    while (!me.done && waiting_.front() != &me) me.answered.wait(lock);
    if (me.done) return;
    // At the head of the queue: commits for all that are in it now; they stay in it meanwhile, so that nobody else begins.
    const auto count = static_cast<std::int64_t>(waiting_.size());
    lock.unlock();
    store_.append(written_ + 1, count);
    written_ += count;
    lock.lock();
    for (std::int64_t n = 0; n < count; ++n) {
      Writer& writer = *waiting_.front();
      waiting_.pop_front();
      writer.done = true;
      if (&writer != &me) writer.answered.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->answered.notify_one();
  }

 private:
  struct Writer {
    bool done = false;
    std::condition_variable answered{};
  };
  Store& store_;
  std::int64_t written_ = 0;  // of whoever commits
  std::mutex mutex_{};        // guards what follows
  std::deque<Writer*> waiting_{};
};

Json bare(const Options& options) {
  const auto store = open_store(options.journal, options.place());
  store->make_table();
  Gathering gathering(*store);
  std::vector<Times> times(static_cast<std::size_t>(options.concurrency));
  const auto append_all = [&](int count) {
    std::atomic<int> next{0};
    std::vector<std::jthread> threads;
    for (Times& mine : times) {
      threads.emplace_back([&] {
        while (next++ < count) {
          const auto begun = BenchClock::now();
          gathering.append();
          mine.push_back(since_ms(begun));
        }
      });
    }
  };
  append_all(options.warm_up);
  for (Times& mine : times) mine.clear();
  return measure(options, options.runs, [&] {
    append_all(options.runs);
    Times all;
    for (const Times& mine : times) all.insert(all.end(), mine.begin(), mine.end());
    return all;
  });
}

Json growth(const Options& options) {
  Bench bench(options);
  Steps work(bench, options);
  work.run(options.warm_up);
  const auto store = open_store(options.journal, options.place());
  const RunInfo model = must(bench.journal->runs({.limit = 1})).front();  // its history is what the journal grows by
  std::istringstream sizes(options.sizes);
  Json points = Json::array();
  std::int64_t copies = 0;
  for (std::string size; std::getline(sizes, size, ',');) {
    const std::int64_t wanted = std::atoll(size.c_str()) / model.head_seq;
    const auto begun = BenchClock::now();
    if (wanted > copies) store->multiply(model.id.text, copies, wanted - copies);
    copies = std::max(copies, wanted);
    store->settle();
    ::sync();
    const double grown_s = since_ms(begun) / 1000;
    work.run(options.warm_up);
    Json best;
    for (int round = 0; round < options.rounds; ++round) {
      Json figures = measure(options, options.runs * options.steps, [&] { return work.run(options.runs); });
      if (best.is_null() || *figures["steps_per_s"].as_double() > *best["steps_per_s"].as_double()) best = std::move(figures);
    }
    points.push(best.set("events", must(bench.journal->size()).events).set("bytes", must(bench.journal->size()).bytes).set("grown_s", grown_s));
  }
  return Json::object().set("points", points);
}

Json size(const Options& options) {
  std::int64_t empty = 0, bytes = 0, events = 0;
  {
    Bench bench(options);
    empty = must(bench.journal->size()).bytes;
    Steps(bench, options).run(options.runs);
  }
  {
    const Bench bench(options);  // opened again: what was left in SQLite's log has moved into its file
    const JournalSize held = must(bench.journal->size());
    bytes = held.bytes - empty;
    events = held.events;
  }
  const auto runs = static_cast<double>(options.runs);
  return Json::object()
      .set("bytes_per_run", static_cast<double>(bytes) / runs)
      .set("bytes_per_step", static_cast<double>(bytes) / runs / options.steps)
      .set("events_per_run", static_cast<double>(events) / runs);
}

Options parse(int argc, char** argv) {
  constexpr const char* kUsage =
      "usage: engine_bench steps|bare|park|parked|resume|growth|size [--journal sqlite|postgres] --folder DIR [--url URL] …";
  Options options;
  const std::map<std::string, int*> numbers{{"--concurrency", &options.concurrency}, {"--runs", &options.runs},
                                            {"--warm-up", &options.warm_up},         {"--steps", &options.steps},
                                            {"--rounds", &options.rounds},           {"--barrier", &options.barrier}};
  const std::map<std::string, std::string*> texts{
      {"--journal", &options.journal}, {"--folder", &options.folder}, {"--url", &options.url}, {"--sizes", &options.sizes}};
  if (argc < 2 || argc % 2 != 0) fail(kUsage);
  options.mode = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (const auto text = texts.find(name); text != texts.end())
      *text->second = argv[i + 1];
    else if (const auto number = numbers.find(name); number != numbers.end())
      *number->second = std::atoi(argv[i + 1]);
    else
      fail("unknown option " + name);
  }
  const bool known = options.journal == "sqlite" || (options.journal == "postgres" && !options.url.empty());
  if (options.folder.empty() || !known) fail(kUsage);
  return options;
}

}  // namespace

Bench::Bench(const Options& options) : journal(open_journal(options)), artifacts(must(ArtifactDir::open(options.folder + "/artifacts"))) {
  engine = std::make_unique<Engine>(Engine::Ports{*journal, *artifacts, clock, random});
}

}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice::bench;
  const Options options = parse(argc, argv);
  const std::map<std::string, sluice::Json (*)(const Options&)> modes{{"steps", steps},   {"bare", bare},     {"park", park}, {"parked", parked},
                                                                      {"resume", resume}, {"growth", growth}, {"size", size}};
  const auto mode = modes.find(options.mode);
  if (mode == modes.end()) fail("unknown mode " + options.mode);
  std::printf("%s\n", mode->second(options).dump_text().c_str());
  return 0;
}
