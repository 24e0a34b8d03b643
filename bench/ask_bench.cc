// A running process that answers one question after another: from the question to proven SQL that waits for its approval, journal included.
//
//   ask_bench FOLDER QUESTIONS.txt ROUNDS     FOLDER holds a sluice.yaml; prints one JSON line with the milliseconds of each question
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "app/app.h"
#include "connectors/duckdb/ast_source.h"
#include "connectors/duckdb/duckdb_engine.h"
#include "connectors/duckdb/result_store.h"
#include "journal/artifact_dir.h"
#include "journal/sqlite_journal.h"
#include "planner/planner.h"
#include "workflow/system_ports.h"

namespace sluice {
namespace {

Result<std::unique_ptr<App>> open_app(const std::string& folder, Proposer& planner, const Parser& parser, Clock& clock, Random& random) {
  TRY(Config config, load_config(folder));
  AppPorts ports{
      .open_engine = [](const ConnectionConfig& connection, const LimitsConfig&) { return open_duckdb(connection.name, {.path = connection.path}); },
      .open_journal = [](const Config& of) -> Result<std::unique_ptr<Journal>> {
        TRY(auto journal, SqliteJournal::open(of.home + "/journal.db"));
        return std::unique_ptr<Journal>(std::move(journal));
      },
      .open_artifacts = [](const Config& of) -> Result<std::unique_ptr<Artifacts>> {
        TRY(auto artifacts, ArtifactDir::open(of.home + "/artifacts"));
        return std::unique_ptr<Artifacts>(std::move(artifacts));
      },
      .open_results = [](const std::string& home) { return open_result_store(home + "/results"); },
      .parser = [&parser](Dialect) -> Result<const Parser*> { return &parser; },
      .planner = planner,
      .clock = clock,
      .random = random,
      .today = [] { return std::string(); },
      .person = "bench"};
  return std::make_unique<App>(std::move(config), std::move(ports));
}

Result<> run(const std::string& folder, const std::vector<std::string>& questions, int rounds) {
  SystemClock clock;
  SystemRandom random;
  const auto planner = make_planner();
  TRY(const auto source, make_ast_source());
  const auto parser = make_duckdb_parser(*source);
  TRY(const auto app, open_app(folder, *planner, *parser, clock, random));
  Json times = Json::array();
  for (int round = 0; round < rounds; ++round)
    for (const std::string& question : questions) {
      const auto start = std::chrono::steady_clock::now();
      TRY(const RunView view, app->ask({.question = question}, {}));
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      const bool proven = view.approval && view.approval->status == ApprovalStatus::open && view.answer.proof.holds();
      if (!proven)
        return Error{ErrorKind::bug, "E0001", "not proven: " + question + (view.answer.error ? ": " + view.answer.error->message : ""), "", 0};
      if (round > 0) times.push(took.count());  // the first round warms up
      TRY_VOID(app->cancel(view.state.run.id, "bench"));
    }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%s\n", Json::object().set("ms", std::move(times)).set("peak_kb", std::int64_t{usage.ru_maxrss}).dump_text().c_str());
  return {};
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::vector<std::string> questions;
  std::ifstream in(argv[2]);
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) questions.push_back(line);
  const auto done = sluice::run(argv[1], questions, std::stoi(argv[3]));
  if (!done) std::fprintf(stderr, "ask_bench: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
