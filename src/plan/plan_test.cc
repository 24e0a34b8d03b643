#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "plan/catalog_for_test.h"
#include "plan/fn_table.h"
#include "plan/render.h"
#include "sql/parser.h"

namespace sluice::plan {
namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<Spec> spec_of(std::string_view json) {
  TRY(Json parsed, Json::parse(json));
  TRY(SpecDraft draft, decode<SpecDraft>(parsed));
  return Spec::create(std::move(draft), catalog_for_test());
}

/// tests/cases/plan/NAME.json is a spec; NAME.duckdb.sql and NAME.postgres.sql are what it renders to. SLUICE_UPDATE_GOLDEN=1 rewrites them.
TEST(Plan, RendersGoldenCases) {
  const auto parser = make_postgres_parser();
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/cases/plan")) {
    if (entry.path().extension() != ".json") continue;
    const auto spec = spec_of(file_text(entry.path()));
    ASSERT_TRUE(spec) << entry.path() << ": " << spec.error().message;
    for (const Dialect dialect : {Dialect::duckdb, Dialect::postgres}) {
      const std::string sql = render(*spec, dialect);
      auto path = entry.path();
      path.replace_extension("." + std::string(enum_name(dialect)) + ".sql");
      if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << sql << "\n";
      EXPECT_EQ(std::string(trim(file_text(path))), sql) << path;
      if (dialect == Dialect::duckdb) continue;
      const auto parsed = parser->parse(sql);
      ASSERT_TRUE(parsed) << sql << "\n" << parsed.error().message;
      EXPECT_EQ(parsed->statement, StatementClass::read) << sql << "\n" << parsed->reason;
    }
    // The checked draft is a spec with the same meaning, and its JSON loses nothing.
    const auto again = Spec::create(*decode<SpecDraft>(*Json::parse(encode(spec->draft()).dump())), catalog_for_test());
    ASSERT_TRUE(again) << entry.path() << ": " << again.error().message;
    EXPECT_EQ(render(*again, Dialect::postgres), render(*spec, Dialect::postgres));
    EXPECT_EQ(again->draft(), spec->draft());
    ++cases;
  }
  EXPECT_GE(cases, 10);
}

struct Refused {
  const char* code;
  const char* json;
  const char* says;
};

TEST(Plan, RefusesWhatMeansNothing) {
  const Refused cases[] = {
      {"E0900", R"({"select":{"from":{"table":{"name":"custmers"}},"columns":[{"name":"a","value":{"column":"id"}}]}})", "customers"},
      {"E0900", R"({"select":{"from":{"table":{"name":"old_orders"}},"columns":[{"name":"a","value":{"column":"id"}}]}})", "old_orders"},
      {"E0901", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"totl"}}]}})", "total"},
      {"E0901", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id","source":"order"}}]}})", "orders"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"where":{"call":"=","args":[{"column":"status"},{"column":"placed"}]}}})",
       "text"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"where":{"call":">","args":[{"column":"placed"},{"value":"2013-01-01"}]}}})",
       "date"},
      {"E0902", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"sum","args":[{"column":"status"}]}}]}})",
       "numbers"},
      {"E0902", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"max","args":[{"column":"paid"}]}}]}})",
       "order"},
      {"E0902", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"hour","args":[{"column":"placed"}]}}]}})",
       "timestamp"},
      {"E0902", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"where":{"column":"id"}}})",
       "condition"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"=","args":[{"column":"extra"},{"column":"extra"}]}}]}})",
       "json"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"status"}},{"name":"b","value":{"call":"count rows"}}]}})",
       "group"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"sum","args":[{"call":"avg","args":[{"column":"total"}]}]}}]}})",
       "aggregate of"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"where":{"call":">","args":[{"call":"count rows"},{"value":1}]}}})",
       "aggregate"},
      {"E0903", R"({"select":{"from":{"table":{"name":"orders"}},"group_by":[{"value":1}],"columns":[{"name":"b","value":{"call":"count rows"}}]}})",
       "constant"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]},"order_by":[{"value":{"call":"count rows"}}]})",
       "grouped"},
      {"E0904",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}},{"name":"A","value":{"column":"total"}}]}})",
       "A"},
      {"E0904",
       R"({"select":{"from":{"table":{"name":"orders"}},"joins":[{"source":{"table":{"name":"customers"}},"on":[{"left":{"column":"customer_id"},"right":{"column":"id","source":"customers"}}]}],"columns":[{"name":"a","value":{"column":"id"}}]}})",
       "customers"},
      {"E0904",
       R"({"select":{"from":{"table":{"name":"orders"}},"joins":[{"source":{"table":{"name":"orders"}},"on":[{"left":{"column":"id"},"right":{"column":"id"}}]}],"columns":[{"name":"a","value":{"column":"id"}}]}})",
       "orders"},
      {"E0905", R"({"select":{"from":{"table":{"name":"orders"}}}})", "0 output"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"joins":[{"source":{"table":{"name":"customers"}},"on":[{"left":{"call":"to text"},"right":{"column":"city"}}]}],"columns":[{"name":"a","value":{"column":"total"}}]}})",
       "does not match"},
      {"E0905", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]},"limit":-1})", "-1"},
      {"E0905", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"=","args":[{"column":"id"}]}}]}})", "1 arg"},
      {"E0906",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]},"order_by":[{"value":{"value":1}}]})",
       "constant"},
      {"E0906",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"status"}}],"distinct":true},"order_by":[{"value":{"column":"id"}}]})",
       "distinct"},
      {"E0906",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]},"combine":[{"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"status"}}]}}]})",
       "kind"},
      {"E0907", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"value":"2013-02-30","type":"date"}}]}})",
       "2013-02-30"},
      {"E0907", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"value":"1; DROP","type":"decimal"}}]}})", "DROP"},
      {"E0907", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"value":"a\u0000b"}}]}})", "bytes"},
      {"E0907", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"value":null}}]}})", "null"},
      {"E0003", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"pg_sleep","args":[{"value":1}]}}]}})",
       "function"},
      {"E0904",
       R"({"select":{"from":{"query":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}}},"columns":[{"name":"a","value":{"column":"id"}}]}})",
       "alias"},
      {"E0904",
       R"({"select":{"from":{"query":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"alias":"c","table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]}})",
       "table"},
      {"E0901",
       R"({"select":{"from":{"query":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"alias":"c"},"columns":[{"name":"a","value":{"column":"name"}}]}})",
       "name"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"joins":[{"kind":"cross","source":{"query":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"alias":"c"}}],"columns":[{"name":"a","value":{"column":"total"}}]}})",
       "one row"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"joins":[{"kind":"cross","source":{"table":{"name":"customers"}}}],"columns":[{"name":"a","value":{"column":"total"}}]}})",
       "one row"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"scalar":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}}}}]}})",
       "one value"},
      {"E0905", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"scalar":null}}]}})", "missing"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"on":[]}}]}})",
       "on"},
      {"E0901",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"on":[{"value":{"column":"id"},"column":"name"}]}}]}})",
       "name"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"on":[{"value":{"column":"status"},"column":"id"}]}}]}})",
       "text"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"on":[{"value":{"call":"count rows"},"column":"id"}]}}]}})",
       "aggregate"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"group_by":[{"call":"+","args":[{"column":"id"},{"value":1}]}],"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}},"on":[{"value":{"call":"+","args":[{"column":"id"},{"value":1}]},"column":"id"}]}}]}})",
       "group"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"group_by":[{"scalar":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"n","value":{"call":"count rows"}}]}}}],"columns":[{"name":"n","value":{"call":"count rows"}}]}})",
       "constant"},
      {"E0904",
       R"({"select":{"from":{"table":{"name":"customers"},"alias":"extra"},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}]}},"on":[{"value":{"column":"id"},"column":"a"}]}}]}})",
       "hides"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"lag","order_by":[{"value":{"column":"id"}}]}]}})",
       "lag"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"rank","args":[{"column":"id"}],"order_by":[{"value":{"column":"id"}}]}]}})",
       "1 arg"},
      {"E0905",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"sum"}]}})",
       "0 arg"},
      {"E0906",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"lag","args":[{"column":"id"}]}]}})",
       "order"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"sum","args":[{"column":"status"}]}]}})",
       "numbers"},
      {"E0903",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"column":"id"}}],"windows":[{"name":"w","fn":"sum","args":[{"call":"count rows"}]}]}})",
       "group"},
      {"E0902",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"call":"seconds between","args":[{"column":"placed"},{"column":"shipped"}]}}]}})",
       "timestamp"},
      {"E0003", R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"scalar":5}}]}})", "object"},
      {"E0003",
       R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":{"exists":{"select":{"from":{"table":{"name":"customers"}},"columns":[{"name":"id","value":{"column":"id"}}]}}}}]}})",
       "array"},
  };
  for (const Refused& one : cases) {
    const auto spec = spec_of(one.json);
    ASSERT_FALSE(spec) << one.json;
    EXPECT_EQ(spec.error().code, one.code) << one.json << "\n" << spec.error().message;
    EXPECT_NE((spec.error().message + spec.error().hint).find(one.says), std::string::npos)
        << one.says << " is not in: " << spec.error().message << " / " << spec.error().hint;
  }
}

TEST(Plan, BoundsNestingAndGrowth) {
  std::string deep = R"({"column":"id"})";
  for (int i = 0; i <= kExprDepthMax; ++i) deep = R"({"call":"negate","args":[)" + deep + "]}";
  EXPECT_EQ(spec_of(R"({"select":{"from":{"table":{"name":"orders"}},"columns":[{"name":"a","value":)" + deep + "}]}}").error().code, "E0905");
  // Each derived column is the one before it, twice: 2^30 parts.
  std::string derived = R"({"name":"d0","value":{"column":"id"}})";
  for (int i = 1; i < 30; ++i) {
    const std::string before = R"({"column":"d)" + std::to_string(i - 1) + R"("})";
    derived += R"(,{"name":"d)" + std::to_string(i) + R"(","value":{"call":"+","args":[)" + before + "," + before + "]}}";
  }
  EXPECT_EQ(
      spec_of(R"({"select":{"from":{"table":{"name":"orders"}},"derived":[)" + derived + R"(],"columns":[{"name":"a","value":{"column":"d29"}}]}})")
          .error()
          .code,
      "E0905");
}

SpecDraft one_value(Expr value) {
  SpecDraft out;
  out.select.from = {{"", "orders"}, {}, ""};
  out.select.columns = {{"v", std::move(value)}};
  return out;
}

TEST(Plan, BoundsQueriesInsideQueries) {
  const auto checked = [](SpecDraft draft) { return Spec::create(std::move(draft), catalog_for_test()); };
  SpecDraft deep = one_value(call(Fn::max, {column("", "id")}));
  for (int i = 0; i < kQueryDepthMax; ++i) deep = one_value(call(Fn::max, {scalar(deep)}));
  EXPECT_TRUE(checked(deep));
  const auto deeper = checked(one_value(scalar(deep)));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, "E0905");
  // A hundred of a hundred of the same query: small in memory, 10^8 parts as SQL.
  SpecDraft wide = one_value(call(Fn::max, {column("", "id")}));
  for (int i = 0; i < 4; ++i) {
    const Expr same = call(Fn::max, {scalar(wide)});
    wide = one_value(call(Fn::coalesce, std::vector<Expr>(100, same)));
  }
  const auto wider = checked(wide);
  ASSERT_FALSE(wider);
  EXPECT_EQ(wider.error().code, "E0905");
  // The same through a name that stands for a query.
  SpecDraft named = one_value(integer(1));
  named.select.derived = {{"big", scalar(one_value(call(Fn::coalesce, std::vector<Expr>(900, call(Fn::max, {column("", "id")})))))}};
  named.select.columns[0].value = call(Fn::coalesce, std::vector<Expr>(900, column("", "big")));
  EXPECT_EQ(checked(named).error().code, "E0905");
}

TEST(Plan, EqualityAndTypesLookInsideQueries) {
  const SpecDraft a = one_value(call(Fn::max, {column("", "placed")}));
  SpecDraft b = a;
  EXPECT_EQ(scalar(a), scalar(b));
  EXPECT_EQ(from_query(a, "x"), from_query(b, "x"));
  b.limit = 1;
  EXPECT_NE(scalar(a), scalar(b));
  EXPECT_NE(from_query(a, "x"), from_query(b, "x"));
  EXPECT_NE(exists(a, {{column("", "id"), "v"}}), exists(a, {{column("", "id"), "w"}}));
  const auto spec = Spec::create(one_value(scalar(a)), catalog_for_test());
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->columns().front().type.kind, TypeKind::date);
}

TEST(Plan, QuotesNamesOnlyWhereNeeded) {
  EXPECT_EQ(quote_name("arr_delay", Dialect::postgres), "arr_delay");
  EXPECT_EQ(quote_name("ArrDelay", Dialect::postgres), "\"ArrDelay\"");
  EXPECT_EQ(quote_name("ArrDelay", Dialect::duckdb), "ArrDelay");
  for (const Dialect dialect : {Dialect::duckdb, Dialect::postgres}) {
    EXPECT_EQ(quote_name("order", dialect), "\"order\"");
    EXPECT_EQ(quote_name("1st", dialect), "\"1st\"");
    EXPECT_EQ(quote_name("a\"; DROP", dialect), "\"a\"\"; DROP\"");
    EXPECT_EQ(quote_name("größe", dialect), "\"größe\"");
    EXPECT_EQ(quote_name("", dialect), "\"\"");
  }
}

TEST(Plan, FunctionTableIsInTheOrderOfTheEnum) {
  for (const FnInfo& one : all_functions()) EXPECT_EQ(info_of(one.fn).name, one.name);
}

}  // namespace
}  // namespace sluice::plan
