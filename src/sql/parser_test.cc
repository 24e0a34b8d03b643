#include "sql/parser.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <cstdlib>
#include <functional>

#include "sql/duckdb_source_for_test.h"
#include "sql/statement_cases_for_test.h"

namespace sluice {
namespace {

std::string repeated(std::string_view unit, std::size_t times) {
  std::string out;
  out.reserve(unit.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += unit;
  return out;
}

/// Runs on a thread with a stack that any recursion over a deep text would overflow.
void on_small_stack(const std::function<void()>& work) {
  constexpr std::size_t kSmallStack = std::size_t{128} << 10U;
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kSmallStack), 0);
  pthread_t thread{};
  const auto start = [](void* argument) -> void* {
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, const_cast<std::function<void()>*>(&work)), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

void expect_cases(const Parser& parser, const std::vector<StatementCase>& cases) {
  for (const StatementCase& each : cases) EXPECT_EQ(outcome_of(parser, each.sql), each.expected) << each.sql;
}

/// Texts that are the same statement, and one that isn't.
void expect_same(const Parser& parser, const std::vector<std::string>& same, std::string_view another) {
  const auto first = parser.normal_form(same.front());
  ASSERT_TRUE(first) << first.error().message;
  for (const std::string& text : same) {
    const auto form = parser.normal_form(text);
    ASSERT_TRUE(form) << text << ": " << form.error().message;
    EXPECT_EQ(*form, *first) << text;
  }
  const auto other = parser.normal_form(another);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_NE(*other, *first) << another;
}

void expect_bounds(const Parser& parser, std::size_t bytes_max) {
  EXPECT_EQ(outcome_of(parser, ""), "E0301");
  EXPECT_EQ(outcome_of(parser, " \n\t"), "E0301");
  EXPECT_EQ(outcome_of(parser, std::string_view("SELECT 1\0; DELETE FROM t", 24)), "E0304");
  EXPECT_EQ(outcome_of(parser, "SELECT '\xff'"), "E0304");
  EXPECT_EQ(outcome_of(parser, repeated(" ", bytes_max + 1)), "E0303");
  EXPECT_EQ(outcome_of(parser, "SELECT 1 " + repeated("/*", 40'000)), "E0305") << "the lexers take hours for a megabyte of it";
}

/// None may crash or overflow a stack; those that nest have to be refused as such, not as syntax.
void expect_deep(const Parser& parser, std::size_t bytes) {
  struct Deep {
    const char *before, *unit, *after;
  };
  static constexpr std::array<Deep, 20> kTooDeep{{{"", "(", ""},
                                                  {"SELECT ", "(", ""},
                                                  {"SELECT 1", "+1", ""},
                                                  {"SELECT ", "- ", "1"},
                                                  {"SELECT ", "NOT ", "a"},
                                                  {"SELECT ", "ARRAY[", ""},
                                                  {"SELECT a", "::int", ""},
                                                  {"SELECT a", "[1]", ""},
                                                  {"SELECT a", "||a", ""},
                                                  {"SELECT a", " IS NULL", ""},
                                                  {"SELECT a", " COLLATE b", ""},
                                                  {"SELECT ", "f(", ""},
                                                  {"SELECT ", "CASE WHEN ", ""},
                                                  {"SELECT ", "(SELECT ", "1"},
                                                  {"SELECT * FROM a", " JOIN a ON b", ""},
                                                  {"SELECT * FROM ", "(SELECT * FROM ", ""},
                                                  {"", "WITH a AS (", ""},
                                                  {"SELECT 1 WHERE a = ", "(1, ", ""},
                                                  {"SELECT a", " AND (a", ""},
                                                  {"SELECT sum(a) OVER (ORDER BY ", "sum(a) OVER (ORDER BY ", ""}}};
  for (const Deep& deep : kTooDeep) {
    const std::string sql = deep.before + repeated(deep.unit, bytes / std::string_view(deep.unit).size()) + deep.after;
    EXPECT_EQ(outcome_of(parser, sql), "E0305") << deep.before << deep.unit << "…";
  }
  // Long but flat: read, or too much, never a crash.
  for (const auto& [before, unit] : std::array<std::pair<const char*, const char*>, 4>{
           {{"SELECT a", " AND a"}, {"SELECT 1 IN (1", ",1"}, {"SELECT 1", " UNION SELECT 1"}, {"SELECT * FROM a", ",a"}}}) {
    std::string sql = before + repeated(unit, bytes / std::string_view(unit).size());
    if (std::string_view(unit) == ",1") sql += ')';
    const auto parsed = parser.parse(sql);
    EXPECT_EQ(parsed ? "E0305" : parsed.error().code, "E0305") << before << unit << "…";
  }
}

class DuckdbParserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    source_ = open_duckdb_for_test(why);
    if (source_ == nullptr && std::getenv("CI") != nullptr) FAIL() << why;
    if (source_ == nullptr) GTEST_SKIP() << why;
    parser_ = make_duckdb_parser(*source_);
  }
  std::unique_ptr<AstSource> source_;
  std::unique_ptr<Parser> parser_;
};

TEST(PostgresParser, ReadsIntoTheTree) { expect_cases(*make_postgres_parser(), postgres_reads()); }
TEST(PostgresParser, RefusesWhatIsNotARead) { expect_cases(*make_postgres_parser(), postgres_refusals()); }
TEST_F(DuckdbParserTest, ReadsIntoTheTree) { expect_cases(*parser_, duckdb_reads()); }
TEST_F(DuckdbParserTest, RefusesWhatIsNotARead) { expect_cases(*parser_, duckdb_refusals()); }

TEST(PostgresParser, HoldsItsBounds) { expect_bounds(*make_postgres_parser(), kSqlBytesMax); }
TEST_F(DuckdbParserTest, HoldsItsBounds) { expect_bounds(*parser_, kDuckdbSqlBytesMax); }

TEST(PostgresParser, SurvivesDeepTextsOnASmallStack) {
  on_small_stack([] {
    const auto parser = make_postgres_parser();
    expect_deep(*parser, 100'000);
    expect_deep(*parser, 900'000);
  });
}
TEST_F(DuckdbParserTest, SurvivesDeepTextsOnASmallStack) {
  on_small_stack([&] {
    expect_deep(*parser_, 50'000);
    expect_deep(*parser_, 150'000);
  });
}

TEST(PostgresParser, ReadsTheDeepestTreeItPromises) {
  const auto parser = make_postgres_parser();
  EXPECT_EQ(outcome_of(*parser, "SELECT 1" + repeated("+1", kTreeDepthMax)), "E0305");
  EXPECT_TRUE(outcome_of(*parser, "SELECT 1" + repeated("+1", kTreeDepthMax - 10)).starts_with(" | "));
  // The heaviest level: a subquery in FROM (a query and a relation each).
  const std::size_t subqueries = kTreeDepthMax / 2 - 5;
  EXPECT_TRUE(outcome_of(*parser, repeated("SELECT * FROM (", subqueries) + "SELECT 1" + repeated(") x", subqueries)).starts_with(" | "));
}

TEST(PostgresParser, SaysWhereASyntaxErrorIs) {
  const auto parser = make_postgres_parser();
  const auto parsed = parser->parse("SELECT 'é',\n  b FROM\n  t WHER x = 1");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::input);
  EXPECT_EQ(parsed.error().message, "PostgreSQL cannot parse the statement: syntax error at or near \"x\", at line 3, column 10 (near `x = 1`)");
  EXPECT_FALSE(parsed.error().hint.empty());
}
TEST_F(DuckdbParserTest, SaysWhereASyntaxErrorIs) {
  const auto parsed = parser_->parse("SELECT a,\n  b FROM\n  t WHER x = 1");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "DuckDB cannot parse the statement: syntax error at or near \"x\", at line 3, column 10 (near `x = 1`)");
}

TEST(PostgresParser, GivesLocationsAsByteOffsets) {
  const auto parsed = make_postgres_parser()->parse("SELECT 'é', carrier FROM flights");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->query.targets.at(1).value.location, 13);
  EXPECT_EQ(parsed->query.from.at(0).location, 26);
}

TEST(PostgresParser, NormalFormIsTheMeaning) {
  const auto parser = make_postgres_parser();
  expect_same(*parser, {"SELECT a FROM t WHERE b = 1", "select A\n  from T /* x */ where\tB=1;", "SELECT \"a\" FROM t WHERE (b = 1) -- end"},
              "SELECT a FROM t WHERE b = 2");
  expect_same(*parser, {"SELECT -5", "SELECT - 5", "SELECT -(5)", "SELECT -/**/5"}, "SELECT 0");
  expect_same(*parser, {"SELECT 'a'", "SELECT $$a$$", "SELECT E'\\x61'", "SELECT U&'\\0061'"}, "SELECT a");
  expect_same(*parser, {"SELECT a FROM t"}, "SELECT \"A\" FROM t");
  expect_same(*parser, {"SELECT a AS b FROM t"}, "SELECT a AS c FROM t");
  expect_same(*parser, {"SELECT 1 UNION SELECT 2"}, "SELECT 1 UNION ALL SELECT 2");
  expect_same(*parser, {"SELECT '1'"}, "SELECT 1");
  expect_same(*parser, {"SELECT 'a b'"}, "SELECT 'a  b'");
  expect_same(*parser, {"SELECT sum(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING)"}, "SELECT sum(a) OVER (ORDER BY b)");
  expect_same(*parser, {"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a)"}, "SELECT percentile_cont(0.5 ORDER BY a)");
  const auto refused = parser->normal_form("DELETE FROM t");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E0306");
}
TEST_F(DuckdbParserTest, NormalFormIsTheMeaning) {
  expect_same(*parser_, {"SELECT a FROM t WHERE b = 1", "select A\n  from T /* x */ where\tB=1;", "FROM t SELECT \"A\" WHERE (b = 1) -- end"},
              "SELECT a FROM t WHERE b = 2");
  expect_same(*parser_, {"SELECT 170141183460469231731687303715884105727"}, "SELECT 170141183460469231731687303715884105726");
  expect_same(*parser_, {"SELECT 'A'"}, "SELECT 'a'");
  expect_same(*parser_, {"SELECT a FROM t GROUP BY CUBE (a)"}, "SELECT a FROM t GROUP BY a");
  expect_same(*parser_, {"SELECT INTERVAL 3 MONTH", "SELECT INTERVAL '3' MONTH"}, "SELECT INTERVAL 3 DAY");
}

TEST(NormalForm, HashIsOfTheCanonicalText) {
  const auto parsed = make_postgres_parser()->parse("SELECT 1");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(statement_hash(parsed->query).size(), 64U);
  EXPECT_EQ(canonical(parsed->query), "(query targets=[(target(2 is=2 text=1:1))])");
}

/// A parser's tree is JSON from outside: what isn't DuckDB's shape is refused, not guessed at.
class FixedSource final : public AstSource {
 public:
  explicit FixedSource(std::string answer) : answer_(std::move(answer)) {}
  Result<std::string> serialize(std::string_view) override { return answer_; }
  Result<std::string> deserialize(std::string_view) override { return answer_; }
  Result<std::vector<std::string>> statement_kinds(std::string_view) override { return std::vector<std::string>{"SELECT"}; }

 private:
  std::string answer_;
};

TEST(DuckdbTree, RefusesWhatItDoesNotKnow) {
  const std::string full =
      R"({"type":"SELECT_NODE","modifiers":[],"cte_map":{"map":[]},"select_list":[LIST],"from_table":{"type":"EMPTY"},"where_clause":null,)"
      R"("group_expressions":[],"group_sets":[],"aggregate_handling":"STANDARD_HANDLING","having":null,"sample":null,"qualify":null EXTRA})";
  const auto outcome = [&](const std::string& list, const std::string& extra) {
    std::string node = full;
    node.replace(node.find("LIST"), 4, list);
    node.replace(node.find(" EXTRA"), 6, extra);
    FixedSource source(R"({"error":false,"statements":[{"node":)" + node + "}]}");
    return outcome_of(*make_duckdb_parser(source), "SELECT 1");
  };
  EXPECT_EQ(outcome("", ""), " |  |  | ");
  EXPECT_EQ(outcome("", R"(,"new_clause":true)"), "other: a part that Sluice does not know (SELECT_NODE.new_clause)");
  EXPECT_EQ(outcome("", R"(,"new_clause":false)"), " |  |  | ");
  EXPECT_EQ(outcome(R"({"class":"NEW"})", ""), "other: an expression that Sluice does not know (NEW)");
  EXPECT_EQ(outcome(R"({"class":"OPERATOR","type":"NEW","children":[]})", ""), "other: an operator that Sluice does not know (NEW)");
  EXPECT_EQ(outcome(R"({"class":"COLUMN_REF","type":"COLUMN_REF","column_names":["a"],"new":1})", ""),
            "other: a part that Sluice does not know (COLUMN_REF.new)");
  EXPECT_EQ(outcome("1", ""), "other: an expression that Sluice does not know ()");
  for (const char* text : {"", "null", "[]", "{}", R"({"error":false})", R"({"error":false,"statements":1})", "not json"}) {
    FixedSource source(text);
    EXPECT_EQ(outcome_of(*make_duckdb_parser(source), "SELECT 1"), "E0307") << text;
  }
  FixedSource sparse(R"({"error":false,"statements":[{"node":{"type":"SELECT_NODE","select_list":[]}}]})");
  EXPECT_EQ(outcome_of(*make_duckdb_parser(sparse), "SELECT 1"), "other: a tree without its member modifiers");
}

/// libpg_query defines functions that libpq defines too; a libpq that is loaded later must not find them.
TEST(PostgresParser, KeepsItsSymbolsToItself) {
  ASSERT_TRUE(make_postgres_parser()->parse("SELECT 1"));
  for (const char* name : {"pg_query_parse", "palloc", "pfree", "errstart", "pg_mblen", "pg_strcasecmp"})
    EXPECT_EQ(dlsym(RTLD_DEFAULT, name), nullptr) << name;
}

}  // namespace
}  // namespace sluice
