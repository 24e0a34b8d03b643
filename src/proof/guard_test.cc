#include "proof/guard.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sluice {
namespace {

Table table_of(const char* name, const std::vector<const char*>& columns, TableKind kind = TableKind::table, const char* definition = "") {
  Table table{.name = {"public", name}, .kind = kind, .definition = definition};
  for (const char* column : columns) table.columns.push_back({.name = column, .type = {TypeKind::text, "text"}});
  return table;
}

Catalog shop() {
  Catalog catalog{.connection = "shop", .dialect = Dialect::postgres, .database = "shop", .search_path = {"pg_catalog", "public"}};
  catalog.tables = {table_of("clean", {"a"}, TableKind::view, "SELECT upper(t.a) AS a FROM t"),
                    table_of("deep", {"x"}, TableKind::view, "SELECT reads.x FROM reads"),
                    table_of("loop", {"a"}, TableKind::view, "SELECT a FROM loop"),
                    table_of("reads", {"x"}, TableKind::view, "SELECT pg_read_file('/etc/passwd') AS x"),
                    table_of("system", {"x"}, TableKind::view, "SELECT rolname AS x FROM pg_authid"),
                    table_of("t", {"a", "b"}),
                    table_of("unclear", {"x"}, TableKind::view, "SELECT x FROM"),
                    table_of("unseen", {"x"}, TableKind::view, "SELECT x FROM hidden.y")};
  catalog.user_functions = {"evil", "lower"};
  catalog.user_operators = {"%%", "@@"};
  return catalog;
}

/// Everything that is refused about the statement and its views, as one text.
std::string refusals(const std::string& sql, const Catalog& catalog, bool bind = true) {
  const auto parser = make_postgres_parser();
  const auto parsed = parser->parse(sql);
  if (!parsed || parsed->statement != StatementClass::read) return "not a read";
  const Bound bound = bind ? bind_names(parsed->query, catalog, catalog.dialect) : Bound{};
  std::vector<Refusal> all = refused_parts(parsed->query, bound, catalog);
  const auto views = look_through_views(*parser, bound, catalog);
  EXPECT_TRUE(views) << sql;
  if (views) all.insert(all.end(), views->refusals.begin(), views->refusals.end());
  std::vector<std::string> messages;
  for (const Refusal& refusal : all) {
    EXPECT_FALSE(refusal.hint.empty()) << refusal.message;
    messages.push_back(refusal.message);
  }
  return join(messages, "; ");
}

struct GuardCase {
  const char* sql;
  const char* refused;  ///< part of a message; "" for a query that holds
};

TEST(Guard, ATableThatRunsCodeOfUsersIsRefusedAlsoBelowAView) {
  Catalog catalog = shop();
  for (Table& table : catalog.tables)
    if (table.name.name == "t") table.user_code = "index public.by_key";
  for (const char* sql : {"SELECT a FROM t", "SELECT 1 FROM clean", "SELECT (SELECT max(b) FROM t)"})
    EXPECT_EQ(refusals(sql, catalog), "reading table \"t\" runs functions that somebody added to this database (index public.by_key)") << sql;
  EXPECT_EQ(refusals("SELECT 1", catalog), "");
}

TEST(Guard, PlainEnumsMayBeCastTo) {
  Catalog catalog = shop();
  for (const char* sql : {"SELECT 'well'::mood", "SELECT 'well'::public.mood", "SELECT a::public.\"Mood\"[] FROM t"})
    EXPECT_NE(refusals(sql, catalog).find("a cast to"), std::string::npos) << sql;
  catalog.user_types = {"mood", "public.mood", "public.\"Mood\""};
  for (const char* sql : {"SELECT 'well'::mood", "SELECT 'well'::public.mood", "SELECT a::public.\"Mood\"[] FROM t"})
    EXPECT_EQ(refusals(sql, catalog), "") << sql;
  for (const char* sql : {"SELECT 'well'::\"MOOD\"", "SELECT 'well'::other.mood", "SELECT 'well'::shop.public.mood"})
    EXPECT_NE(refusals(sql, catalog).find("a cast to"), std::string::npos) << sql;
}

TEST(Guard, AnOperatorOfUsersIsRefusedWhereItIsImplied) {
  Catalog catalog = shop();
  catalog.user_operators = {"=", "<="};
  for (const char* sql : {"SELECT a = b FROM t", "SELECT nullif(a, b) FROM t", "SELECT a IN ('x') FROM t", "SELECT CASE a WHEN b THEN 1 END FROM t",
                          "SELECT a IS DISTINCT FROM b FROM t", "SELECT a BETWEEN b AND 'x' FROM t", "SELECT 1 FROM t JOIN t u USING (a)",
                          "SELECT a = ANY (ARRAY['x']) FROM t", "SELECT a IN (SELECT b FROM t) FROM t", "SELECT 1 FROM t NATURAL JOIN t u"})
    EXPECT_NE(refusals(sql, catalog).find("\" was added"), std::string::npos) << sql << ": " << refusals(sql, catalog);
  EXPECT_EQ(refusals("SELECT a FROM t WHERE a < b", catalog), "");
}

TEST(Guard, RefusesWhatDoesMoreThanCompute) {
  const std::vector<GuardCase> cases{
      {"SELECT upper(a) FROM t", ""},
      {"SELECT pg_catalog.upper(a) FROM t", ""},
      {"SELECT pg_sleep(1)", "\"pg_sleep\" is not on the list"},
      {"SELECT \"pg_sleep\"(1)", "\"pg_sleep\" is not on the list"},
      {"SELECT pg_catalog.pg_sleep(1)", "\"pg_catalog.pg_sleep\" is not on the list"},
      {"SELECT public.upper(a) FROM t", "not one of the engine's own"},
      {"SELECT * FROM lower('x')", "was added to this database"},
      {"SELECT * FROM upper('x')", "may not be read from"},
      // Somebody's overload may fit better than PostgreSQL's own, unless the schema says which is meant.
      {"SELECT lower(a) FROM t", "was added to this database"},
      {"SELECT pg_catalog.lower(a) FROM t", ""},
      {"SELECT a %% b FROM t", "operator \"%%\" was added"},
      {"SELECT a OPERATOR(public.=) b FROM t", "operator \"public.=\""},
      // The same as pg_read_file('PG_VERSION').
      {"SELECT ('PG_VERSION'::text).pg_read_file", "\"pg_read_file\" after a dot"},
      {"SELECT (t.a).evil FROM t", "\"evil\" after a dot"},
      {"SELECT q.pg_read_file FROM unnest(ARRAY['PG_VERSION']) q", "\"pg_read_file\" after a dot"},
      {"SELECT 't'::regclass", "a cast to \"regclass\""},
      {"SELECT regclass 't'", "a cast to \"regclass\""},
      {"SELECT 'x'::string", "a cast to \"string\""},
      {"SELECT 'x'::\"TEXT\"", "is not allowed"},
      {"SELECT 'x'::public.text", "a cast to \"public.text\""},
      {"SELECT ARRAY['a']::text[]::string[]", "a cast to \"string[]\""},
      {"SELECT a::numeric(10,2)::int, b::text[], now()::date, a::timestamptz(3) FROM t", ""},
  };
  const Catalog catalog = shop();
  for (const GuardCase& one : cases) {
    const std::string got = refusals(one.sql, catalog);
    if (*one.refused == '\0') {
      EXPECT_EQ(got, "") << one.sql;
    } else {
      EXPECT_NE(got.find(one.refused), std::string::npos) << one.sql << "\n  " << got;
    }
  }
}

TEST(Guard, LooksThroughViews) {
  const std::vector<GuardCase> cases{
      {"SELECT a FROM clean", ""},
      {"SELECT x FROM reads", "view \"reads\" is refused: function \"pg_read_file\""},
      {"SELECT x FROM deep", "view \"reads\" is refused"},
      {"SELECT (SELECT max(x) FROM deep) FROM t", "view \"reads\" is refused"},
      {"WITH unused AS (SELECT x FROM deep) SELECT 1", "view \"reads\" is refused"},
      {"SELECT x FROM system", "view \"system\" reads what is not in the catalog"},
      {"SELECT x FROM unseen", "view \"unseen\" reads what is not in the catalog"},
      {"SELECT x FROM unclear", "view \"unclear\" cannot be looked through"},
  };
  const Catalog catalog = shop();
  for (const GuardCase& one : cases) {
    const std::string got = refusals(one.sql, catalog);
    EXPECT_EQ(got.empty(), *one.refused == '\0') << one.sql << "\n  " << got;
    EXPECT_NE(got.find(one.refused), std::string::npos) << one.sql << "\n  " << got;
  }
}

TEST(Guard, ViewsOverViewsEnd) {
  Catalog catalog = shop();
  EXPECT_EQ(refusals("SELECT a FROM loop", catalog), "") << "a view over itself can't be made; one that claims to be is looked through once";
  // A chain one longer than the bound is refused, the bound itself isn't.
  for (const int length : {kViewDepthMax, kViewDepthMax + 2}) {
    Catalog chained = catalog;
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) names.push_back("v" + std::to_string(i));
    for (int i = 0; i < length; ++i) {
      const std::string below = i + 1 < length ? names.at(static_cast<std::size_t>(i) + 1) : "t";
      chained.tables.push_back(table_of(names.at(static_cast<std::size_t>(i)).c_str(), {"a"}, TableKind::view, ("SELECT a FROM " + below).c_str()));
    }
    const std::string got = refusals("SELECT a FROM v0", chained);
    EXPECT_EQ(got.empty(), length <= kViewDepthMax) << length << ": " << got;
  }
}

/// Every place of a statement in which an expression may stand. The tree alone has to give the call away: nothing was bound.
TEST(Guard, SeesCallsWhereverTheyStand) {
  for (const char* sql : {
           "SELECT pg_sleep(1)",
           "SELECT 1 FROM pg_sleep(1)",
           "SELECT 1 FROM ROWS FROM (generate_series(1, 2), pg_sleep(1)) r",
           "SELECT 1 FROM t, LATERAL pg_sleep(1)",
           "SELECT 1 FROM t, LATERAL (SELECT pg_sleep(1)) q",
           "SELECT 1 FROM t JOIN t u ON pg_sleep(1) IS NOT NULL",
           "SELECT 1 FROM (VALUES (1), (length(pg_sleep(1)::text))) v(x)",
           "SELECT 1 FROM t TABLESAMPLE bernoulli (length(pg_sleep(1)::text))",
           "SELECT 1 FROM t TABLESAMPLE bernoulli (1) REPEATABLE (length(pg_sleep(1)::text))",
           "SELECT 1 FROM t WHERE pg_sleep(1) IS NULL",
           "SELECT 1 FROM t WHERE a IN (SELECT pg_sleep(1)::text)",
           "SELECT 1 FROM t WHERE a IN ('x', pg_sleep(1)::text)",
           "SELECT 1 FROM t WHERE a = ANY (ARRAY[pg_sleep(1)::text])",
           "SELECT 1 FROM t WHERE EXISTS (SELECT FROM pg_sleep(1))",
           "SELECT 1 FROM t WHERE a BETWEEN 'x' AND pg_sleep(1)::text",
           "SELECT 1 FROM t GROUP BY pg_sleep(1)",
           "SELECT 1 FROM t GROUP BY GROUPING SETS ((a), (pg_sleep(1)))",
           "SELECT 1 FROM t GROUP BY a HAVING pg_sleep(1) IS NULL",
           "SELECT 1 FROM t ORDER BY pg_sleep(1)",
           "SELECT 1 FROM t LIMIT length(pg_sleep(1)::text)",
           "SELECT 1 FROM t OFFSET length(pg_sleep(1)::text)",
           "SELECT DISTINCT ON (pg_sleep(1)) 1 FROM t",
           "SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM t",
           "SELECT string_agg(a, ',' ORDER BY pg_sleep(1)) FROM t",
           "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY length(pg_sleep(1)::text)) FROM t",
           "SELECT count(*) OVER (PARTITION BY pg_sleep(1)) FROM t",
           "SELECT count(*) OVER (ORDER BY pg_sleep(1)) FROM t",
           "SELECT count(*) OVER (ROWS BETWEEN length(pg_sleep(1)::text) PRECEDING AND CURRENT ROW) FROM t",
           "SELECT count(*) OVER w FROM t WINDOW w AS (ORDER BY pg_sleep(1))",
           "SELECT 1 FROM t WINDOW unused AS (ORDER BY pg_sleep(1))",
           "SELECT CASE WHEN pg_sleep(1) IS NULL THEN 1 ELSE 2 END",
           "SELECT CASE a WHEN 'x' THEN pg_sleep(1)::text END FROM t",
           "SELECT coalesce(a, pg_sleep(1)::text) FROM t",
           "SELECT (ARRAY[1, 2])[length(pg_sleep(1)::text)]",
           "SELECT ROW(1, pg_sleep(1))",
           "SELECT ARRAY(SELECT pg_sleep(1)::text)",
           "SELECT pg_sleep(1)::text COLLATE \"C\"",
           "SELECT now() AT TIME ZONE pg_sleep(1)::text",
           "WITH unused AS (SELECT pg_sleep(1)) SELECT 1",
           "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + length(pg_sleep(1)::text) FROM r) SELECT n FROM r",
           "SELECT a FROM t UNION ALL SELECT pg_sleep(1)::text",
           "(SELECT a FROM t) EXCEPT (SELECT a FROM t ORDER BY pg_sleep(1))",
           "SELECT make_interval(days => length(pg_sleep(1)::text))",
           "VALUES (1), (length(pg_sleep(1)::text))",
       }) {
    const std::string got = refusals(sql, shop(), false);
    EXPECT_NE(got.find("\"pg_sleep\" is not on the list"), std::string::npos) << sql << "\n  " << got;
  }
}

}  // namespace
}  // namespace sluice
