#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>
#include <utility>

#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"
#include "journal_server.h"
#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/system_ports.h"
#include "workflow/test_ports.h"
#include "workflow/test_processes.h"
#include "workflow/worker.h"

// Two workers, real processes, killed again and again at any moment: every run ends, every effect happened once. SLUICE_KILLS says how often (40).
namespace sluice {
namespace {

using namespace process_test;
using std::chrono::milliseconds;

struct Place {
  std::string kind{}, file{}, world{};
  PostgresJournalOptions postgres{};
  milliseconds step_takes{2};

  std::unique_ptr<Journal> open() const {
    if (kind == "sqlite") return *SqliteJournal::open(file);
    auto opened = PostgresJournal::open(postgres);
    if (!opened) {
      std::cerr << opened.error().message << "\n";
      ::_exit(9);
    }
    return *std::move(opened);
  }
};

pid_t start_worker(const Place& place) {
  return in_child([&] {
    const auto journal = place.open();
    MemoryArtifacts artifacts;
    SystemClock clock;
    SystemRandom random;
    Engine engine({*journal, artifacts, clock, random});
    add_workflow(engine, place.world, place.step_takes);
    Worker(engine, *journal, clock, {}).run({});
    return 0;
  });
}
void kill_worker(pid_t worker) {
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
}

bool enqueue(const Place& place, int runs) {
  return ended_well(in_child([&] {
    const auto journal = place.open();
    MemoryArtifacts artifacts;
    SystemClock clock;
    SystemRandom random;
    Engine engine({*journal, artifacts, clock, random});
    add_workflow(engine, place.world, place.step_takes);
    for (int n = 0; n < runs; ++n)
      if (!engine.start("w", Json("in"))) return 1;
    return 0;
  }));
}

/// What a person has to do where a run was taken up again and again by workers that died before its next step was recorded.
int resume(const Place& place, Journal& journal, const std::vector<RunId>& paused) {
  MemoryArtifacts artifacts;
  SystemClock clock;
  SystemRandom random;
  Engine engine({journal, artifacts, clock, random});
  add_workflow(engine, place.world, place.step_takes);
  return static_cast<int>(std::count_if(paused.begin(), paused.end(), [&](const RunId& id) { return bool(engine.drive(id, {.resume = true})); }));
}

/// Whether so many runs end as done, and never so long passes without one more.
bool all_done(const Place& place, int runs, std::chrono::seconds patience) {
  return ended_well(in_child([&] {
    const auto journal = place.open();
    auto until = std::chrono::steady_clock::now() + patience;
    std::map<std::string, int> others;
    int resumed = 0, done_before = 0;
    while (std::chrono::steady_clock::now() < until) {
      const std::uint64_t seen = journal->change_no();
      int done = 0;
      std::vector<RunId> paused;
      others.clear();
      RunFilter page{.limit = kListMax};
      for (auto found = journal->runs(page); found && !found->empty(); found = journal->runs(page)) {
        for (const RunInfo& run : *found) {
          if (run.status == RunStatus::done) {
            ++done;
            continue;
          }
          ++others[std::string(enum_name(run.status)) + " " + run.reason];
          if (run.status == RunStatus::paused && run.reason.find("without getting a step further") != std::string::npos) paused.push_back(run.id);
        }
        page.before = found->back().id;
      }
      if (done == runs) {
        if (resumed > 0) std::cout << resumed << " of " << runs << " runs were paused for want of progress, and resumed by hand\n" << std::flush;
        return 0;
      }
      if (done > std::exchange(done_before, done)) until = std::chrono::steady_clock::now() + patience;
      resumed += resume(place, *journal, paused);
      journal->wait_for_change(seen, milliseconds(100), {});
    }
    for (const auto& [what, count] : others) std::cerr << count << " runs are " << what << "\n";
    return 1;
  }));
}

class Kills : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    place_.kind = GetParam();
    place_.file = folder_.path("journal.db");
    place_.world = folder_.path("world");
    if (place_.kind != "postgres") return;
    JournalServer& server = JournalServer::get();
    if (!server.is_there()) return server.skip_or_fail();
    place_.postgres = server.options(server.new_schema());
  }
  TestFolder folder_{};
  Place place_{};
};

TEST_P(Kills, LoseNothingAndDoubleNothing) {
  if (IsSkipped()) return;
  const char* wanted = std::getenv("SLUICE_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 40;
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  place_.postgres.lease = milliseconds(1'500);
  constexpr int kLifeMin = 20, kLifeSpread = 80;  // milliseconds of a worker
  const int runs = kills * 10;
  ASSERT_TRUE(enqueue(place_, runs));
  std::array<pid_t, 2> workers{start_worker(place_), start_worker(place_)};
  for (int n = 0; n < kills; ++n) {
    std::this_thread::sleep_for(milliseconds(kLifeMin + random.next() % kLifeSpread));
    pid_t& victim = workers.at(random.next() % workers.size());
    kill_worker(victim);
    victim = start_worker(place_);
  }
  EXPECT_TRUE(all_done(place_, runs, std::chrono::seconds(60)));
  for (const pid_t worker : workers) kill_worker(worker);
  const auto counts = happened(place_.world);
  EXPECT_EQ(counts.size(), static_cast<std::size_t>(runs) * kEffects);
  for (const auto& [key, count] : counts) EXPECT_EQ(count, 1) << key;
  std::cout << kills << " kills, " << runs << " runs, " << counts.size() << " effects, each once\n";
}

/// The promise at default settings: another node goes on with a killed worker's run within 15 s.
TEST_P(Kills, AnotherWorkerTakesOverInTime) {
  if (IsSkipped()) return;
  place_.step_takes = milliseconds(400);
  ASSERT_TRUE(enqueue(place_, 1));
  const pid_t first = start_worker(place_);
  while (happened(place_.world).empty()) std::this_thread::sleep_for(milliseconds(10));
  const pid_t second = start_worker(place_);
  std::this_thread::sleep_for(milliseconds(200));
  kill_worker(first);
  const auto killed = std::chrono::steady_clock::now();
  EXPECT_TRUE(all_done(place_, 1, std::chrono::seconds(15)));
  std::cout << "done " << std::chrono::duration<double>(std::chrono::steady_clock::now() - killed).count() << " s after the kill\n";
  kill_worker(second);
  for (const auto& [key, count] : happened(place_.world)) EXPECT_EQ(count, 1) << key;
}

INSTANTIATE_TEST_SUITE_P(Journals, Kills, testing::Values("sqlite", "postgres"), [](const auto& chosen) { return chosen.param; });

}  // namespace
}  // namespace sluice
