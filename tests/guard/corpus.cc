#include "corpus.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace sluice::guard {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = "tests/cases/guard";

[[noreturn]] void malformed(const std::string& file, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", file.c_str(), why.c_str());
  std::abort();
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  if (!in) malformed(path.string(), "can't be read; run this from the top of the source tree");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void read_expectation(std::string_view words, Case& into) {
  into.holds = words == "holds";
  if (into.holds) return;
  constexpr std::string_view kRefused = "refused ";
  if (!words.starts_with(kRefused)) malformed(into.file, "expected `holds` or `refused CHECK …` of " + into.name);
  words.remove_prefix(kRefused.size());
  const std::size_t space = std::min(words.find(' '), words.size());
  into.check = words.substr(0, space);
  into.needle = trim(words.substr(space));
}

void read_file(const fs::path& path, std::vector<Case>& out) {
  constexpr std::string_view kName = "-- name: ", kExpect = "-- expect: ";
  const std::string text = text_of(path);
  bool open = false;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kName)) {
      out.push_back({.file = path.filename().string(), .name = std::string(line.substr(kName.size()))});
      open = true;
    } else if (line.starts_with(kExpect) && open) {
      read_expectation(line.substr(kExpect.size()), out.back());
    } else if (open) {
      out.back().sql += std::string(line) + "\n";
    }
  }
}

Column column(std::string name, TypeKind kind, std::string native) { return {.name = std::move(name), .type = {kind, std::move(native)}}; }

Table view(const std::string& schema, const char* name, std::string definition, std::vector<Column> columns) {
  return {.name = {schema, name}, .kind = TableKind::view, .columns = std::move(columns), .definition = std::move(definition)};
}

}  // namespace

std::vector<Case> read_corpus(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kCases / folder))
    if (entry.path().extension() == ".sql" && entry.path().filename() != "setup.sql") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Case> out;
  for (const fs::path& file : files) read_file(file, out);
  for (Case& item : out) {
    item.sql = trim(item.sql);
    if (item.sql.empty() || (!item.holds && item.check.empty())) malformed(item.file, "no statement or no expectation for " + item.name);
  }
  return out;
}

std::string read_setup(const std::string& folder) { return text_of(kCases / folder / "setup.sql"); }

Catalog corpus_catalog(Dialect dialect) {
  const bool postgres = dialect == Dialect::postgres;
  const std::string schema = postgres ? "public" : "main", text = postgres ? "text" : "VARCHAR", json = postgres ? "jsonb" : "JSON";
  Catalog catalog{.connection = "shop", .dialect = dialect, .database = "shop", .search_path = {schema}};
  const std::vector<Column> customers{column("id", TypeKind::integer, "integer"), column("name", TypeKind::text, text),
                                      column("country", TypeKind::text, text), column("profile", TypeKind::json, json),
                                      column("tags", TypeKind::list, text + "[]")};
  const std::vector<Column> orders{column("id", TypeKind::integer, "integer"), column("customer_id", TypeKind::integer, "integer"),
                                   column("total", TypeKind::decimal, "numeric(10,2)"), column("placed_at", TypeKind::timestamp, "timestamp"),
                                   column("status", TypeKind::text, text)};
  catalog.tables = {{.name = {schema, "customers"}, .columns = customers}, {.name = {schema, "orders"}, .columns = orders}};
  catalog.tables[0].primary_key = catalog.tables[1].primary_key = Key{.columns = {"id"}};
  catalog.tables.push_back(
      view(schema, "big_orders", "SELECT id, customer_id, total FROM orders WHERE total > 100", {orders[0], orders[1], orders[2]}));
  catalog.tables.push_back(view(schema, "renamed", "SELECT b.id AS a, b.total AS b FROM big_orders b",
                                {column("a", TypeKind::integer, ""), column("b", TypeKind::decimal, "")}));
  const std::string leak = postgres ? "SELECT pg_read_file('PG_VERSION'::text) AS content" : "SELECT content FROM read_text('/etc/hostname')";
  catalog.tables.push_back(view(schema, "leak", leak, {column("content", TypeKind::text, text)}));
  catalog.tables.push_back(view(schema, "leak_again", "SELECT upper(leak.content) AS shout FROM leak", {column("shout", TypeKind::text, text)}));
  catalog.tables.push_back(view(schema, "uses_added", "SELECT added(1) AS x", {column("x", TypeKind::integer, "integer")}));
  std::sort(catalog.tables.begin(), catalog.tables.end(), [](const Table& a, const Table& b) { return a.name < b.name; });
  catalog.user_functions = {"added", "initcap"};
  if (postgres) catalog.user_operators = {"@@@", "<<|"};
  return catalog;
}

}  // namespace sluice::guard
