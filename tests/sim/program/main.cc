#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "story.h"

// Plays stories: `simulate --cases N [--first SEED]`, or one of them with all that happened: `simulate --seed N`.
namespace {

using namespace sluice::sim;

constexpr std::uint64_t kFailuresShown = 3;

/// Threads that take turns are quicker on one processor.
void stay_on(unsigned processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

int tell(std::uint64_t seed) {
  Strands strands;
  Coverage coverage;
  const Ending ending = play(seed, strands, coverage, true);
  std::printf("%s", ending.story.c_str());
  if (ending.violation.empty()) return 0;
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), ending.violation.c_str());
  return 1;
}

int play_many(std::uint64_t first, std::uint64_t cases) {
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<std::uint64_t> next{first}, failed{0};
  std::mutex mutex;
  Coverage all;
  std::vector<std::thread> players;
  const auto begun = std::chrono::steady_clock::now();
  for (unsigned n = 0; n < threads; ++n)
    players.emplace_back([&, n] {
      stay_on(n);
      Strands strands;
      Coverage coverage;
      for (std::uint64_t seed = next++; seed < first + cases; seed = next++) {
        const Ending ending = play(seed, strands, coverage);
        if (ending.violation.empty()) continue;
        const std::scoped_lock lock(mutex);
        if (++failed <= kFailuresShown)
          std::printf("seed %llu: %s\n  ./dev sim --seed %llu tells its story\n", static_cast<unsigned long long>(seed), ending.violation.c_str(),
                      static_cast<unsigned long long>(seed));
      }
      const std::scoped_lock lock(mutex);
      all.add(coverage);
    });
  for (std::thread& player : players) player.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf("%s%llu broken promises, %.1f s\n", all.table().c_str(), static_cast<unsigned long long>(failed), seconds);
  return failed > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::uint64_t kCases = 2'000;
  std::uint64_t first = 1, cases = kCases;
  for (int n = 1; n < argc; n += 2) {
    const std::uint64_t value = n + 1 < argc ? std::strtoull(argv[n + 1], nullptr, 10) : 0;
    if (std::strcmp(argv[n], "--seed") == 0 && value > 0) return tell(value);
    if (std::strcmp(argv[n], "--cases") == 0 && value > 0) {
      cases = value;
    } else if (std::strcmp(argv[n], "--first") == 0 && value > 0) {
      first = value;
    } else {
      std::fprintf(stderr, "usage: simulate [--seed N | --cases N] [--first N]\n");
      return 2;
    }
  }
  return play_many(first, cases);
}
