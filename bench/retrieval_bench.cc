// Merges the catalogs of many databases with tables given as JSON into one, each database's tables in a schema named after it, and says which tables
// a prompt would hold for each question, and how long that takes to find out.
//
//   retrieval_bench TOKENS ROUNDS
//
// Standard input: JSON lines, {"database", "connection"} and {"table": …} and {"values": …} first, then {"id", "question", "definitions": [{"term",
// "says"}]}. Standard output: a line about the catalog and its index, then one for each question.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agents/catalog_text.h"
#include "connectors/duckdb/duckdb_engine.h"
#include "connectors/postgres/postgres_engine.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kCatalogTimeout{60};
constexpr int kValuesMax = 1000;  // as `sluice ask` samples
constexpr std::size_t kRankedShown = 400;

struct Merged {
  Catalog catalog{.connection = "bench", .dialect = Dialect::postgres};
  std::vector<ColumnValues> values{};
  std::vector<ColumnRange> ranges{};
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

Result<std::unique_ptr<DataEngine>> open_engine(const std::string& connection) {
  if (!connection.starts_with("postgresql://")) return open_duckdb("bench", {.kind = DuckDbSource::Kind::sqlite, .path = connection});
  TRY(auto engine, open_postgres("bench", {.url = connection}));
  return std::unique_ptr<DataEngine>(std::move(engine));
}

Result<> add_database(const std::string& name, const std::string& connection, Merged& merged) {
  TRY(const auto engine, open_engine(connection));
  const Call call{.deadline = std::chrono::steady_clock::now() + kCatalogTimeout};
  TRY(const auto session, engine->open_read(call));
  TRY(Catalog catalog, session->catalog({}));
  std::vector<TableName> tables;
  for (const Table& table : catalog.tables)
    if (!runs_on_read(table)) tables.push_back(table.name);
  TRY(std::vector<ColumnValues> values, session->values(tables, kValuesMax));
  TRY(std::vector<ColumnRange> ranges, session->ranges(catalog));
  for (Table& table : catalog.tables) {
    table.name.schema = name;
    for (ForeignKey& key : table.foreign_keys) key.target.schema = name;
    merged.catalog.tables.push_back(std::move(table));
  }
  for (ColumnValues& one : values) {
    one.table.schema = name;
    merged.values.push_back(std::move(one));
  }
  for (ColumnRange& one : ranges) {
    one.table.schema = name;
    merged.ranges.push_back(std::move(one));
  }
  return {};
}

Json names_of(const Catalog& catalog, const std::vector<std::uint32_t>& tables) {
  Json out = Json::array();
  for (const std::uint32_t table : tables) out.push(catalog.tables[table].name.schema + "." + catalog.tables[table].name.name);
  return out;
}

class Bench {
 public:
  Bench(std::int64_t tokens, int rounds) : options_{.tokens_max = tokens}, rounds_(rounds) {}

  Result<> take(const Json& line) {
    if (line.find("connection") != nullptr) return add_database(std::string(line.text("database")), std::string(line.text("connection")), merged_);
    if (const Json* table = line.find("table")) {
      TRY(Table made, decode<Table>(*table));
      merged_.catalog.tables.push_back(std::move(made));
      return {};
    }
    if (const Json* values = line.find("values")) {
      TRY(ColumnValues made, decode<ColumnValues>(*values));
      merged_.values.push_back(std::move(made));
      return {};
    }
    if (!search_) print(index());
    print(answer(line));
    return {};
  }

 private:
  static void print(const Json& line) { std::printf("%s\n", line.dump_text().c_str()); }

  Json index() {
    std::ranges::sort(merged_.catalog.tables, {}, &Table::name);
    Json times = Json::array();
    for (int round = 0; round < rounds_; ++round) {
      const auto start = std::chrono::steady_clock::now();
      search_ = std::make_unique<CatalogSearch>(merged_.catalog, merged_.values);
      times.push(milliseconds_since(start));
    }
    std::int64_t columns = 0;
    for (const Table& table : merged_.catalog.tables) columns += std::ssize(table.columns);
    Json out = Json::object().set("tables", std::ssize(merged_.catalog.tables)).set("columns", columns).set("index_ms", std::move(times));
    out.set("catalog_bytes", std::ssize(encode(merged_.catalog).dump())).set("values_bytes", std::ssize(encode(merged_.values).dump()));
    return out;
  }

  Json answer(const Json& line) {
    const std::string question(line.text("question"));
    Glossary glossary;
    if (const auto* definitions = line["definitions"].as_array())
      for (const Json& one : *definitions)
        glossary.definitions.push_back({.term = std::string(one.text("term")), .says = std::string(one.text("says"))});
    const TableQuery query{.question = question, .glossary = glossary};
    Json find_ms = Json::array(), text_ms = Json::array();
    CatalogText text;
    std::vector<std::uint32_t> ranked;
    for (int round = 0; round < rounds_; ++round) {
      auto start = std::chrono::steady_clock::now();
      ranked.clear();
      for (const FoundTable& one : search_->retrieve(query, kRankedShown)) ranked.push_back(one.table);
      find_ms.push(milliseconds_since(start));
      start = std::chrono::steady_clock::now();
      text = catalog_text(*search_, {merged_.values, merged_.ranges}, query, options_);
      text_ms.push(milliseconds_since(start));
    }
    Json out = Json::object().set("id", line["id"]).set("tokens", text.tokens).set("bytes", std::ssize(text.text));
    out.set("kept", names_of(merged_.catalog, text.kept)).set("named", names_of(merged_.catalog, text.named));
    out.set("ranked", names_of(merged_.catalog, ranked)).set("find_ms", std::move(find_ms)).set("text_ms", std::move(text_ms));
    if (line.flag("show")) out.set("text", text.text);
    return out;
  }

  CatalogTextOptions options_;
  int rounds_;
  Merged merged_{};
  std::unique_ptr<CatalogSearch> search_{};
};

Result<> run(Bench& bench) {
  for (std::string text; std::getline(std::cin, text);) {
    TRY(const Json line, Json::parse(text));
    TRY_VOID(bench.take(line));
  }
  return {};
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  const int tokens = argc == 3 ? std::atoi(argv[1]) : 0, rounds = argc == 3 ? std::atoi(argv[2]) : 0;
  if (tokens < 1 || rounds < 1) return std::fputs("usage: retrieval_bench TOKENS ROUNDS\n", stderr), 2;
  sluice::Bench bench(tokens, rounds);
  const auto done = sluice::run(bench);
  if (!done) std::fprintf(stderr, "retrieval_bench: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
