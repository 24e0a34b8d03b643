#include "sql/sample.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sql/catalog_for_test.h"
#include "sql/duckdb_source_for_test.h"
#include "sql/parser.h"

namespace sluice {
namespace {

std::vector<TableName> large() { return {{"public", "flights"}, {"sales", "orders"}, {"public", "Mixed Case"}}; }

/// The sampled text, or "-" where it gives up. What comes out has to parse and bind like the query itself.
std::string sampled(const std::string& sql) {
  const auto parser = make_postgres_parser();
  const auto parsed = parser->parse(sql);
  if (!parsed || parsed->statement != StatementClass::read) return "not a read";
  const Catalog catalog = catalog_for_test(Dialect::postgres);
  const Bound bound = bind_names(parsed->query, catalog, Dialect::postgres);
  if (!bound.unknown.empty()) return bound.unknown[0].message;
  const auto text = sampled_sql(sql, bound, 100, large());
  if (!text) return text.error().message;
  if (!*text) return "-";
  const auto again = parser->parse(**text);
  if (!again || again->statement != StatementClass::read) return "no longer a read: " + **text;
  const Bound rebound = bind_names(again->query, catalog, Dialect::postgres);
  if (!rebound.unknown.empty()) return rebound.unknown[0].message + " in " + **text;
  EXPECT_EQ(rebound.output.size(), bound.output.size());
  for (std::size_t i = 0; i < bound.output.size(); ++i) EXPECT_EQ(rebound.output[i].lineage, bound.output[i].lineage) << **text;
  return **text;
}

TEST(Sample, ReplacesLargeTables) {
  struct Case {
    const char *sql, *expected;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"SELECT name FROM airlines", "SELECT name FROM airlines"},
           {"SELECT month FROM flights", "SELECT month FROM (SELECT * FROM flights LIMIT 100) AS flights"},
           {"SELECT f.month FROM flights f", "SELECT f.month FROM (SELECT * FROM flights LIMIT 100) f"},
           {"SELECT f.a FROM flights AS f(a)", "SELECT f.a FROM (SELECT * FROM flights LIMIT 100) AS f(a)"},
           {"SELECT flights.month FROM public.flights WHERE 'flights' <> ''",
            "SELECT flights.month FROM (SELECT * FROM public.flights LIMIT 100) AS flights WHERE 'flights' <> ''"},
           {"SELECT name FROM airlines JOIN flights USING (carrier)",
            "SELECT name FROM airlines JOIN (SELECT * FROM flights LIMIT 100) AS flights USING (carrier)"},
           {"WITH x AS (SELECT month FROM flights) SELECT * FROM x, sales.orders o WHERE o.id IN (SELECT flight FROM flights)",
            "WITH x AS (SELECT month FROM (SELECT * FROM flights LIMIT 100) AS flights) SELECT * FROM x, (SELECT * FROM sales.orders LIMIT 100) o "
            "WHERE o.id "
            "IN (SELECT flight FROM (SELECT * FROM flights LIMIT 100) AS flights)"},
           {"WITH flights AS (SELECT * FROM airlines) SELECT name FROM flights", "WITH flights AS (SELECT * FROM airlines) SELECT name FROM flights"},
           {"SELECT \"Id\" FROM \"Mixed Case\"", "SELECT \"Id\" FROM (SELECT * FROM \"Mixed Case\" LIMIT 100) AS \"Mixed Case\""},
           {"SELECT 'é', month FROM flights -- flights", "SELECT 'é', month FROM (SELECT * FROM flights LIMIT 100) AS flights -- flights"},
           {"SELECT public.flights.month FROM flights", "-"},
           {"SELECT ctid FROM flights", "-"},
           {"SELECT month FROM flights TABLESAMPLE system (1)", "-"},
           {"TABLE flights", "-"}})
    EXPECT_EQ(sampled(c.sql), c.expected) << c.sql;
}

TEST(Sample, ReplacesLargeTablesWhereDuckdbSaysTheyStand) {
  std::string why;
  const auto source = open_duckdb_for_test(why);
  if (source == nullptr) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << why;
    GTEST_SKIP() << why;
  }
  const auto parser = make_duckdb_parser(*source);
  const Catalog catalog = catalog_for_test(Dialect::duckdb);
  const std::vector<TableName> large{{"main", "flights"}};
  for (const auto& [sql, expected] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT 'é', F.month FROM Flights F", "SELECT 'é', F.month FROM (SELECT * FROM Flights LIMIT 100) F"},
           {"FROM main.flights", "FROM (SELECT * FROM main.flights LIMIT 100) AS flights"},
           {"WITH x AS (SELECT * FROM flights) SELECT name FROM airlines JOIN x USING (carrier)",
            "WITH x AS (SELECT * FROM (SELECT * FROM flights LIMIT 100) AS flights) SELECT name FROM airlines JOIN x USING (carrier)"}}) {
    const auto parsed = parser->parse(sql);
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto text = sampled_sql(sql, bind_names(parsed->query, catalog, Dialect::duckdb), 100, large);
    ASSERT_TRUE(text && *text) << sql;
    EXPECT_EQ(**text, expected);
    const auto again = parser->parse(**text);
    EXPECT_TRUE(again && again->statement == StatementClass::read) << **text;
  }
}

TEST(Sample, RefusesNoRows) {
  const auto result = sampled_sql("SELECT 1", Bound{}, 0, large());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "E0320");
}

/// A mention whose location isn't in the text as bound gives up rather than replace something else.
TEST(Sample, TrustsNoLocation) {
  for (const int location : {-1, 0, 5, 8, 1000}) {
    Bound bound;
    bound.mentions.push_back({{"public", "flights"}, "", location, false});
    const auto result = sampled_sql("SELECT 1 FROM flights", bound, 10, large());
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->has_value()) << location;
  }
}

}  // namespace
}  // namespace sluice
