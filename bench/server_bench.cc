// The native half of server.py: clients that are quick enough not to be what is measured, and another process that writes to the server's journal.
//
//     server_bench load PORT RATE SECONDS CONNECTIONS       paths by standard input, a line each
//     server_bench sockets PORT COUNT                       until standard input ends
//     server_bench write JOURNAL COUNT EVERY_MS             a line for each commit, and when it was
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "server_clients.h"
#include "workflow/engine.h"
#include "workflow/system_ports.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kPathsMax = 10'000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().message + ": " + result.error().hint);
  return *std::move(result);
}

void print(const Json& line) {
  std::printf("%s\n", line.dump_text().c_str());
  std::fflush(stdout);
}

/// As many connections as may be.
void raise_files_max() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);  // where this fails, opening says so
}

double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count(); }

/// Starts runs like the newest one, in a queue that nobody works on: each is one event, by one commit. `committed` is when the commit had returned
/// here, by the clock that all processes of the machine share; `begun` is before it.
void write(const std::string& folder, int count, int every_ms) {
  SystemClock clock;
  SystemRandom random;
  const auto journal = must(SqliteJournal::open(folder + "/journal.db"));
  const auto artifacts = must(ArtifactDir::open(folder + "/artifacts"));
  Engine engine(Engine::Ports{*journal, *artifacts, clock, random});
  const RunInfo model = must(journal->runs({.limit = 1})).front();
  const Json input = must(journal->events(model.id)).front().body["input"];
  engine.add(model.name, model.code_version, [](Context&, const Json&) -> Result<Json> { return Json(); });
  StartOptions options{.labels = model.labels};
  options.place.queue = "nobody";
  for (int n = 0; n < count; ++n) {
    // Moments that do not keep step with how often the server looks.
    constexpr int kStep = 7, kSpread = 23;
    std::this_thread::sleep_for(std::chrono::milliseconds(every_ms + (n * kStep) % kSpread));
    const double begun = now_ms();
    const RunId run = must(engine.start(model.name, input, options));
    const double committed = now_ms();
    print(Json::object().set("run_id", run.text).set("begun", begun).set("committed", committed));
  }
}

int run(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const auto number = [&](int n) { return std::atoi(argv[n]); };
  raise_files_max();
  if (mode == "load" && argc == 6) {
    LoadPlan plan{.port = static_cast<std::uint16_t>(number(2)), .rate = number(3), .seconds = number(4), .connections = number(5)};
    for (std::string line; plan.paths.size() < kPathsMax && std::getline(std::cin, line);) plan.paths.push_back(line);
    if (plan.paths.empty() || plan.rate < 1 || plan.seconds < 1 || plan.connections < 1)
      fail("load: a path, a rate, a time and connections are needed");
    print(load(plan));
  } else if (mode == "sockets" && argc == 4) {
    print(sockets(static_cast<std::uint16_t>(number(2)), number(3)));
  } else if (mode == "write" && argc == 5) {
    write(argv[2], number(3), number(4));
  } else {
    fail("usage: server_bench load PORT RATE SECONDS CONNECTIONS | sockets PORT COUNT | write JOURNAL COUNT EVERY_MS");
  }
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  try {
    return sluice::bench::run(argc, argv);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "server_bench: %s\n", thrown.what());
    return 1;
  }
}
