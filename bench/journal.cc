// Steps a second of the engine on the SQLite journal: runs of 5 steps with 400 bytes each, N of them at a time.
//   journal_bench --folder DIR --concurrency N --runs N --warm-up N    prints one line of JSON
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "workflow/engine.h"
#include "workflow/system_ports.h"

namespace {

using sluice::Activity;
using sluice::Context;
using sluice::Engine;
using sluice::Error;
using sluice::Json;
using sluice::Result;
using Clock = std::chrono::steady_clock;

constexpr int kSteps = 5;
constexpr std::size_t kBytes = 400;

struct Options {
  std::string folder{};
  int concurrency = 1, runs = 200, warm_up = 20;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "journal_bench: %s\n", what.c_str());
  std::exit(2);
}

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().message);
  return *std::move(result);
}

Options parse(int argc, char** argv) {
  Options options;
  const std::map<std::string, int*> numbers{{"--concurrency", &options.concurrency}, {"--runs", &options.runs}, {"--warm-up", &options.warm_up}};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--folder") {
      options.folder = argv[i + 1];
    } else if (const auto number = numbers.find(name); number != numbers.end()) {
      *number->second = std::atoi(argv[i + 1]);
    } else {
      fail("unknown option " + name);
    }
  }
  if (options.folder.empty() || argc % 2 == 0) fail("usage: --folder DIR [--concurrency N] [--runs N] [--warm-up N]");
  return options;
}

std::uintmax_t bytes_of(const std::string& file) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

/// Runs `count` runs, `concurrency` at a time; each step's time goes to `times` (milliseconds).
void run_all(Engine& engine, int count, int concurrency, std::vector<std::vector<double>>& times) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < concurrency; ++n) {
    threads.emplace_back([&, n] {
      while (next++ < count) {
        auto last = Clock::now();
        // From one step's start to the next one's is one step, its record on disk included; the run's end closes the last.
        const sluice::DriveOptions drive{.on_step = [&](const sluice::StepProgress& progress) {
          if (progress.phase != sluice::StepProgress::Phase::started) return;
          const auto now = Clock::now();
          times.at(static_cast<std::size_t>(n)).push_back(std::chrono::duration<double, std::milli>(now - last).count());
          last = now;
        }};
        const auto state = must(engine.run("five", Json("run"), {}, drive));
        if (state.status() != sluice::RunStatus::done) fail("a run ended as " + std::string(enum_name(state.status())));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : sorted.at(static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1)));
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const std::string file = options.folder + "/journal.db";
  auto journal = must(sluice::SqliteJournal::open(file));
  auto artifacts = must(sluice::ArtifactDir::open(options.folder + "/artifacts"));
  sluice::SystemClock clock;
  sluice::SystemRandom random;
  auto owned = std::make_unique<Engine>(Engine::Ports{*journal, *artifacts, clock, random});
  Engine& engine = *owned;
  const Activity<std::int64_t, std::string> step{
      .effect = sluice::Effect::read,
      .act = [](sluice::StepContext&, const std::int64_t& n) -> Result<std::string> { return std::string(kBytes, static_cast<char>('a' + n)); }};
  engine.add<std::string, std::string>("five", "1", [&](Context& run, const std::string&) -> Result<std::string> {
    for (std::int64_t n = 0; n < kSteps; ++n) TRY_VOID(run.scope("n", n).step("step", step, n));
    return std::string("done");
  });

  std::vector<std::vector<double>> times(static_cast<std::size_t>(options.concurrency));
  run_all(engine, options.warm_up, options.concurrency, times);
  for (auto& of_thread : times) of_thread.clear();
  const auto begun = Clock::now();
  run_all(engine, options.runs, options.concurrency, times);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::vector<double> all;
  for (const auto& of_thread : times) all.insert(all.end(), of_thread.begin(), of_thread.end());
  std::sort(all.begin(), all.end());
  const double steps = static_cast<double>(options.runs) * kSteps;
  owned.reset();
  journal.reset();  // moves the write-ahead log into the file, so that its size is what stays
  const double stored = static_cast<double>(bytes_of(file)) / (static_cast<double>(options.runs + options.warm_up) * kSteps);
  std::printf("{\"concurrency\":%d,\"steps\":%.0f,\"seconds\":%.4f,\"steps_per_s\":%.1f,\"bytes_per_step\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
              options.concurrency, steps, seconds, steps / seconds, stored, percentile(all, 0.5), percentile(all, 0.99));
  return 0;
}
