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
