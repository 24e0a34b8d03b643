#include "sql/reading.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"
#include "sql/catalog_for_test.h"
#include "sql/duckdb_source_for_test.h"
#include "sql/golden_for_test.h"
#include "sql/parser.h"

namespace sluice {
namespace {

std::string read_aloud(const Parser& parser, const std::string& sql, Dialect dialect) {
  const auto parsed = parser.parse(sql);
  if (!parsed) return "does not parse: " + parsed.error().message;
  if (parsed->statement != StatementClass::read) return "is not a read: " + parsed->reason;
  const Catalog catalog = catalog_for_test(dialect);
  return join(reading(parsed->query, catalog, bind_names(parsed->query, catalog, dialect)), "\n");
}

TEST(Reading, SaysWhatAPostgresQueryDoes) {
  const auto parser = make_postgres_parser();
  const auto in_words = [&](const std::string& sql) { return read_aloud(*parser, sql, Dialect::postgres); };
  std::size_t count = 0;
  for (const char* file : {"tests/cases/reading/clauses.txt", "tests/cases/reading/nested.txt", "tests/cases/reading/both.txt"})
    count += run_golden(file, in_words);
  EXPECT_GE(count, 60U);
}

TEST(Reading, SaysWhatADuckdbQueryDoes) {
  std::string why;
  const auto source = open_duckdb_for_test(why);
  if (source == nullptr) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << why;
    GTEST_SKIP() << why;
  }
  const auto parser = make_duckdb_parser(*source);
  for (const char* file : {"tests/cases/reading/duckdb.txt", "tests/cases/reading/both.txt"})
    run_golden(file, [&](const std::string& sql) { return read_aloud(*parser, sql, Dialect::duckdb); });
}

/// What a reading may never leave out, whatever words it finds: every name and literal of the text.
TEST(Reading, LeavesNothingOut) {
  const auto parser = make_postgres_parser();
  const std::string sql =
      "WITH c1 AS (SELECT k1 FROM t1 WHERE k2 = 'l1') SELECT DISTINCT ON (k3) k4, sum(k5) FILTER (WHERE k6 > 71) OVER (PARTITION BY k7 ORDER BY k8) "
      "FROM t2 a1 LEFT JOIN c1 a2 ON a1.k9 = a2.k10 JOIN LATERAL (SELECT k11 FROM t3 WHERE k12 IN (72, 73) LIMIT 74) a3 ON k13 BETWEEN 75 AND 76 "
      "WHERE k14 IS NULL AND NOT (k15 LIKE 'l2' OR EXISTS (SELECT 1 FROM t4 WHERE k16 <> ALL (SELECT k17 FROM t5))) "
      "GROUP BY k18, k19 HAVING count(k20) >= 77 ORDER BY k21 DESC NULLS LAST, k22 LIMIT 78 OFFSET 79";
  const std::string words = read_aloud(*parser, sql, Dialect::postgres);
  for (int i = 1; i <= 22; ++i) EXPECT_NE(words.find("k" + std::to_string(i)), std::string::npos) << "k" << i << " is missing:\n" << words;
  for (int i = 71; i <= 79; ++i) EXPECT_NE(words.find(std::to_string(i)), std::string::npos) << i << " is missing:\n" << words;
  for (const char* name : {"t1", "t2", "t3", "t4", "t5", "c1", "a1", "a2", "a3", "l1", "l2", "NULL"})
    EXPECT_NE(words.find(name), std::string::npos) << name << " is missing:\n" << words;
}

TEST(Reading, ShowsHiddenCharacters) {
  const auto parser = make_postgres_parser();
  const std::string words = read_aloud(*parser,
                                       "SELECT \"a\xE2\x80\xAE"
                                       "b\" FROM airlines WHERE name = 'x\ny\xE2\x80\x8B'",
                                       Dialect::postgres);
  EXPECT_NE(words.find("\"a\\u{202E}b\""), std::string::npos) << words;
  EXPECT_NE(words.find("'x\\u{000A}y\\u{200B}'"), std::string::npos) << words;
}

/// Expressions as text parse back to the same text: nothing is lost or regrouped.
TEST(ExprText, ParsesBackToItself) {
  const auto parser = make_postgres_parser();
  for (const char* text : {"a + b * c",
                           "(a + b) * c",
                           "a - (b - c)",
                           "NOT (a AND (b OR c))",
                           "a IS NOT NULL",
                           "(a = b) IS TRUE",
                           "CAST(a AS text)",
                           "x BETWEEN 1 AND 2",
                           "x NOT IN (1, 'it''s')",
                           "EXISTS (SELECT 1 FROM t WHERE t.x = y)",
                           "CASE a WHEN 1 THEN 'x' ELSE 'y' END",
                           "CASE WHEN a > 1 THEN b END",
                           "count(DISTINCT a) FILTER (WHERE b > 0)",
                           "sum(a) OVER (PARTITION BY b ORDER BY c DESC NULLS LAST)",
                           "ARRAY[1, 2]",
                           "(SELECT max(x) FROM t)",
                           "a LIKE 'x%'",
                           "\"Mixed Name\".\"select it\"",
                           "x = ANY (ys)",
                           "x > ALL (SELECT y FROM t)",
                           "- a",
                           "(a).b",
                           "string_agg(a, ',' ORDER BY b)",
                           "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)",
                           "f(a, b => 1)",
                           "a IS DISTINCT FROM b",
                           "(a, b) IN (SELECT c, d FROM t)"}) {
    const auto parsed = parser->parse("SELECT " + std::string(text));
    ASSERT_TRUE(parsed && parsed->statement == StatementClass::read) << text;
    const std::string once = expr_text(parsed->query.targets[0].value);
    const auto again = parser->parse("SELECT " + once);
    ASSERT_TRUE(again && again->statement == StatementClass::read) << text << " became " << once;
    EXPECT_EQ(expr_text(again->query.targets[0].value), once) << text;
  }
}

TEST(ExprText, ShortensLongLiteralsVisibly) {
  const Expr expr = make_literal(LiteralKind::text, std::string(5000, 'x'));
  const std::string text = expr_text(expr);
  EXPECT_LT(text.size(), 200U);
  EXPECT_NE(text.find("(5,000 bytes)"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice
