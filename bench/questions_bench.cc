// Answers questions on one connection with the built-in planner: catalog, proposal, proof and rows by the code that `sluice ask` runs.
//
//   questions_bench --connection URL_OR_FILE [--repeat N] [--sql]
//
// Standard input: JSON lines {"id", "question", "feedback": […], "definitions": [{"term", "says"}]}; with --sql {"id", "sql"}, which run as they are.
// Standard output: a line about the index, then a line each. Files that begin as SQLite files do are such, others are DuckDB's.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "app/catalogs.h"
#include "connectors/duckdb/ast_source.h"
#include "connectors/duckdb/duckdb_engine.h"
#include "connectors/postgres/postgres_engine.h"
#include "journal/artifact_dir.h"
#include "planner/planner.h"
#include "proof/prove.h"
#include "proof/recheck.h"
#include "workflow/system_ports.h"

namespace sluice {
namespace {

constexpr std::int64_t kRowsMax = 10'000;
constexpr std::int64_t kBytesMax = 256'000'000;
constexpr std::chrono::seconds kCatalogTimeout{60}, kQuestionTimeout{60};
constexpr int kRepeatMax = 10'000;

struct Options {
  std::string connection{};
  int repeat = 1;
  bool sql = false;
};

/// A folder that is gone when the process ends: what `sluice ask` keeps beside sluice.yaml.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-questions-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_{};
};

Call call_within(std::chrono::seconds time) { return {.deadline = std::chrono::steady_clock::now() + time}; }

Result<std::unique_ptr<DataEngine>> open_engine(const std::string& connection) {
  if (connection.starts_with("postgres://") || connection.starts_with("postgresql://")) {
    TRY(auto engine, open_postgres("bench", {.url = connection}));
    return std::unique_ptr<DataEngine>(std::move(engine));
  }
  const std::string magic = "SQLite format 3";
  std::string head(magic.size(), '\0');
  std::ifstream(connection, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  return open_duckdb("bench", {.kind = head == magic ? DuckDbSource::Kind::sqlite : DuckDbSource::Kind::database, .path = connection});
}

Json error_json(const Error& error) { return Json::object().set("code", error.code).set("message", error.message).set("hint", error.hint); }

std::int64_t micros_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
}

std::string today_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

/// Bytes that the program has allocated, in all arenas.
std::int64_t allocated_bytes() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

class Bench {
 public:
  Bench(DataEngine& engine, const Parser& parser, std::shared_ptr<const KnownCatalog> known, int repeat)
      : engine_(engine), parser_(parser), known_(std::move(known)), repeat_(repeat) {}

  /// The planner makes its index at the first question; an empty one takes no time beside it.
  Json warm_up() {
    const std::int64_t before = allocated_bytes();
    const auto start = std::chrono::steady_clock::now();
    (void)propose({}, {}, {});
    return Json::object().set("index_micros", micros_since(start)).set("index_bytes", allocated_bytes() - before);
  }

  Json answer(const Json& line) {
    const std::string question(line.text("question"));
    std::vector<std::string> feedback;
    if (const auto* texts = line["feedback"].as_array())
      for (const Json& text : *texts)
        if (text.as_string() != nullptr) feedback.push_back(*text.as_string());
    Glossary glossary;
    if (const auto* definitions = line["definitions"].as_array())
      for (const Json& one : *definitions)
        glossary.definitions.push_back({.term = std::string(one.text("term")), .says = std::string(one.text("says"))});
    std::vector<std::int64_t> times;
    Result<Proposal> proposal = Error::bug("nothing was proposed");
    for (int n = 0; n < repeat_; ++n) {
      const auto start = std::chrono::steady_clock::now();
      proposal = propose(question, feedback, glossary);
      times.push_back(micros_since(start));
    }
    std::ranges::sort(times);
    Json out = Json::object().set("id", line["id"]).set("micros", times[times.size() / 2]);
    if (proposal && proposal->is_question()) proposal = Error{ErrorKind::unanswerable, "E0504", proposal->asks, "", 0};
    if (!proposal) return std::move(out.set("error", error_json(proposal.error())));
    out.set("sql", proposal->sql).set("spec", proposal->spec).set("confidence", proposal->confidence).set("linked", encode(proposal->linked));
    if (const auto done = prove_and_run(proposal->sql, out); !done) out.set("proof_error", error_json(done.error()));
    return out;
  }

  Json run_as_it_is(const Json& line) {
    Json out = Json::object().set("id", line["id"]);
    const auto done = [&]() -> Result<> {
      TRY(const auto session, engine_.open_read(call_within(kQuestionTimeout)));
      return run(*session, std::string(line.text("sql")), out);
    }();
    if (!done) out.set("error", error_json(done.error()));
    return out;
  }

 private:
  /// Definitions are no part of what is made of the catalog: one id for all.
  Result<Proposal> propose(const std::string& question, const std::vector<std::string>& feedback, const Glossary& glossary) {
    return planner_->propose({.question = question,
                              .feedback = feedback,
                              .catalog = known_->catalog,
                              .values = known_->values,
                              .today = today_,
                              .glossary = glossary,
                              .catalog_id = "bench",
                              .glossary_id = "bench"});
  }

  Result<> prove_and_run(const std::string& sql, Json& out) {
    const ProofLimits limits;
    const Call call = call_within(kQuestionTimeout);
    TRY(const Proof proof, Prover(parser_, engine_, limits).prove(sql, known_->catalog, call));
    if (!proof.holds()) return proof_error(proof);
    TRY(const auto session, engine_.open_read(call));
    TRY_VOID(recheck(*session, sql, proof, known_->catalog, ceiling_for(proof.estimate, limits)));
    return run(*session, sql, out);
  }

  static Result<> run(ReadSession& session, const std::string& sql, Json& out) {
    RowBuffer buffer(static_cast<std::size_t>(kRowsMax));
    TRY(const ReadStats stats, session.run(sql, {.rows_max = kRowsMax, .bytes_max = kBytesMax, .truncate = true}, buffer));
    Json columns = Json::array(), rows = Json::array();
    for (const ResultColumn& column : buffer.header) columns.push(Json::object().set("name", column.name).set("type", encode(column.type.kind)));
    for (const Row& row : buffer.kept) {
      Json values = Json::array();
      for (std::size_t i = 0; i < row.size(); ++i) values.push(value_json(row[i], buffer.header[i].type));
      rows.push(std::move(values));
    }
    out.set("columns", std::move(columns)).set("rows", std::move(rows)).set("truncated", stats.truncated);
    return {};
  }

  DataEngine& engine_;
  const Parser& parser_;
  std::shared_ptr<const KnownCatalog> known_;
  int repeat_;
  /// What CURRENT_DATE is to the gold.
  std::string today_ = today_utc();
  std::unique_ptr<Proposer> planner_ = make_planner();
};

void print(const Json& line) {
  const std::string text = line.dump_text() + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

Result<> run(const Options& options) {
  const TemporaryFolder home;
  SystemClock clock;
  TRY(const auto engine, open_engine(options.connection));
  TRY(const auto artifacts, ArtifactDir::open(home.path() + "/artifacts"));
  CachedCatalogs catalogs(
      [&](const std::string&) -> Result<std::shared_ptr<DataEngine>> { return std::shared_ptr<DataEngine>(std::shared_ptr<void>(), engine.get()); },
      {.state = [](const std::string&) { return std::string(); }, .add = [](const std::string&, Catalog&) { return Result<>(); }}, *artifacts, clock,
      {.folder = home.path() + "/catalogs"});
  TRY(const CatalogRef ref, catalogs.read("bench", true, call_within(kCatalogTimeout)));
  TRY(auto known, catalogs.load(ref));
  TRY(const auto source, make_ast_source());
  const auto parser = engine->dialect() == Dialect::postgres ? make_postgres_parser() : make_duckdb_parser(*source);
  Bench bench(*engine, *parser, std::move(known), options.repeat);
  if (!options.sql) print(bench.warm_up());
  for (std::string text; std::getline(std::cin, text);) {
    TRY(const Json line, Json::parse(text));
    print(options.sql ? bench.run_as_it_is(line) : bench.answer(line));
  }
  return {};
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--sql") {
      options.sql = true;
      continue;
    }
    ++i;
    if (name == "--connection") {
      options.connection = value;
    } else if (name == "--repeat") {
      const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), options.repeat);
      if (failure != std::errc{} || end != value.data() + value.size() || options.repeat < 1 || options.repeat > kRepeatMax) return false;
    } else {
      return false;
    }
  }
  return !options.connection.empty();
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  sluice::Options options;
  if (!sluice::read_options(argc, argv, options)) {
    std::fputs("usage: questions_bench --connection URL_OR_FILE [--repeat N] [--sql]\n", stderr);
    return 2;
  }
  const auto done = sluice::run(options);
  if (!done) std::fprintf(stderr, "questions_bench: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
