#include <gtest/gtest.h>
#include <pg_query.h>

#include <array>
#include <cstdlib>
#include <random>

#include "base/json.h"
#include "sql/duckdb_source_for_test.h"
#include "sql/parser.h"
#include "sql/statement_cases_for_test.h"

namespace sluice {
namespace {

constexpr int kPostgresRounds = 6000;
constexpr int kDuckdbRounds = 1500;

/// Splices statements of the tables and pieces that make writes, so that many results still parse.
class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<StatementCase>& reads, const std::vector<StatementCase>& refusals) : random_(seed) {
    for (const auto* cases : {&reads, &refusals})
      for (const StatementCase& each : *cases) texts_.emplace_back(each.sql);
  }

  std::string next() {
    std::string text = texts_[below(texts_.size())];
    for (std::size_t edits = below(4); edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  /// A place between two words.
  std::size_t word_start(const std::string& text) {
    const std::size_t at = text.find(' ', below(text.size() + 1));
    return at == std::string::npos ? text.size() : at;
  }
  void edit(std::string& text) {
    static constexpr std::array<const char*, 26> kPieces{" DELETE FROM t ",
                                                         " RETURNING * ",
                                                         " WITH x AS (",
                                                         ") ",
                                                         ";",
                                                         " FOR UPDATE",
                                                         " INTO x ",
                                                         "'",
                                                         "$$",
                                                         "/*",
                                                         "*/",
                                                         "--",
                                                         "\n",
                                                         "E'\\'",
                                                         " (SELECT 1) ",
                                                         " UNION ",
                                                         " INSERT INTO t ",
                                                         " (DELETE FROM t RETURNING *) ",
                                                         "\"",
                                                         " FOR SHARE ",
                                                         " UPDATE t SET a = 1 ",
                                                         " EXPLAIN ANALYZE ",
                                                         " U&\"\\0061\" ",
                                                         " TRUNCATE t",
                                                         "(",
                                                         " , "};
    const std::size_t at = word_start(text);
    switch (below(6)) {
      case 0: text.insert(at, kPieces.at(below(kPieces.size()))); break;
      case 1: text.erase(at, below(12)); break;
      case 2: text = text.substr(0, at) + " " + texts_[below(texts_.size())]; break;
      case 3: text = "WITH x AS (" + text + ") " + texts_[below(texts_.size())]; break;
      case 4: text = "SELECT * FROM (" + text + ") AS s WHERE a IN (" + texts_[below(texts_.size())] + ")"; break;
      default:
        if (!text.empty()) text[below(text.size())] = static_cast<char>(32 + below(95));
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> texts_;
};

std::uint64_t seed() {
  const char* given = std::getenv("SLUICE_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// Whether PostgreSQL's own tree has a member or node with one of the names, anywhere.
bool mentions(const Json& tree, const std::vector<std::string>& names) {
  if (const auto* members = tree.as_object()) {
    for (const auto& [name, value] : *members) {
      for (const std::string& wanted : names)
        if (name == wanted) return true;
      if (mentions(value, names)) return true;
    }
  }
  if (const auto* items = tree.as_array())
    for (const Json& item : *items)
      if (mentions(item, names)) return true;
  return false;
}

TEST(ParserFuzz, PostgresNeverCallsAWriteARead) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("SLUICE_TEST_SEED=" + std::to_string(used));
  Mutator mutator(used, postgres_reads(), postgres_refusals());
  const auto parser = make_postgres_parser();
  const std::vector<std::string> writes{"InsertStmt", "UpdateStmt",      "DeleteStmt",  "MergeStmt",      "intoClause", "lockingClause",
                                        "CopyStmt",   "ExplainStmt",     "DoStmt",      "CallStmt",       "DropStmt",   "TruncateStmt",
                                        "CreateStmt", "VariableSetStmt", "ExecuteStmt", "TransactionStmt"};
  int reads = 0, writes_seen = 0;
  for (int round = 0; round < kPostgresRounds; ++round) {
    const std::string text = mutator.next();
    const auto parsed = parser->parse(text);
    PgQueryParseResult raw = pg_query_parse(text.c_str());
    const bool syntax = raw.error == nullptr;
    const auto tree = syntax ? Json::parse(raw.parse_tree, 3000) : Result<Json>(Json());
    pg_query_free_parse_result(raw);
    // A byte that broke a character: refused by us, written as it is by libpg_query.
    const bool writing = tree && mentions(*tree, writes);
    writes_seen += writing ? 1 : 0;
    if (!parsed || parsed->statement != StatementClass::read) continue;
    ++reads;
    ASSERT_TRUE(syntax && tree) << text;
    ASSERT_EQ((*tree)["stmts"].size(), 1U) << text;
    ASSERT_FALSE(writing) << text;
    ASSERT_EQ(parsed->reason, "") << text;
  }
  // Without both the test would say nothing.
  EXPECT_GT(reads, kPostgresRounds / 20);
  EXPECT_GT(writes_seen, kPostgresRounds / 20);
}

TEST(ParserFuzz, DuckdbNeverCallsAnythingButOneSelectARead) {
  std::string why;
  const auto source = open_duckdb_for_test(why);
  if (source == nullptr && std::getenv("CI") != nullptr) FAIL() << why;
  if (source == nullptr) GTEST_SKIP() << why;
  const std::uint64_t used = seed();
  SCOPED_TRACE("SLUICE_TEST_SEED=" + std::to_string(used));
  Mutator mutator(used, duckdb_reads(), duckdb_refusals());
  const auto parser = make_duckdb_parser(*source);
  int reads = 0;
  for (int round = 0; round < kDuckdbRounds; ++round) {
    const std::string text = mutator.next();
    const auto parsed = parser->parse(text);
    if (!parsed || parsed->statement != StatementClass::read) continue;
    ++reads;
    const auto kinds = source->statement_kinds(text);
    ASSERT_TRUE(kinds) << text;
    ASSERT_EQ(kinds->size(), 1U) << text;
    for (const char* verb : {"INSERT", "UPDATE", "DELETE", "COPY", "ATTACH", "SET", "CREATE", "DROP"}) ASSERT_NE(kinds->front(), verb) << text;
  }
  EXPECT_GT(reads, kDuckdbRounds / 20);
}

}  // namespace
}  // namespace sluice
