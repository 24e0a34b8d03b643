#pragma once
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine_store.h"
#include "workflow/engine.h"
#include "workflow/system_ports.h"

namespace sluice::bench {

using BenchClock = std::chrono::steady_clock;  // the same in all processes of a machine
using Times = std::vector<double>;             // milliseconds

struct Options {
  std::string mode{}, journal{"sqlite"};
  std::string folder{};                             ///< of the SQLite file, and of artifacts
  std::string url{};                                ///< of PostgreSQL
  std::string sizes{"0,1000000,5000000,10000000"};  ///< growth: events that the journal holds
  int concurrency = 1, runs = 200, warm_up = 20, steps = 5, rounds = 3;
  int barrier = 0;  ///< 1: after the warm-up says "ready" and waits for a line, so that several processes begin together
  std::string place() const { return journal == "postgres" ? url : folder + "/journal.db"; }
};

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().message + (result.error().hint.empty() ? "" : " (" + result.error().hint + ")"));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// A journal with an engine over it, as a process of the product has them.
struct Bench {
  explicit Bench(const Options& options);
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Artifacts> artifacts;
  SystemClock clock{};
  SystemRandom random{};
  std::unique_ptr<Engine> engine;
};

inline double since_ms(BenchClock::time_point then) { return std::chrono::duration<double, std::milli>(BenchClock::now() - then).count(); }
inline double percentile(Times times, double share) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  return times.at(static_cast<std::size_t>(share * static_cast<double>(times.size() - 1)));
}
/// {"p50_ms", "p99_ms", "max_ms"}
Json spread(const Times& times);
/// Of /proc/self/status, in its own unit: "VmRSS" (kB), "VmHWM" (kB), "Threads".
std::int64_t of_process(const std::string& name);

/// The modes: see engine_bench.cc. Each returns what it measured.
Json park(const Options& options);
Json parked(const Options& options);
Json resume(const Options& options);

}  // namespace sluice::bench
