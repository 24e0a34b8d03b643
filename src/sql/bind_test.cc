#include "sql/bind.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "sql/catalog_for_test.h"
#include "sql/duckdb_source_for_test.h"
#include "sql/golden_for_test.h"
#include "sql/parser.h"

namespace sluice {
namespace {

std::string lineage_of(const std::vector<BaseColumn>& lineage) {
  std::string out;
  for (const BaseColumn& base : lineage) out += (out.empty() ? " <- " : ", ") + base.table.name + "." + base.column;
  return out;
}

std::string kind_text(TypeKind kind) {
  for (const auto& [value, name] : EnumNames<TypeKind>::names)
    if (value == kind) return std::string(name);
  return "?";
}

std::string side(const SelectFacts& facts, const RelationColumn& column) { return facts.relations[column.relation].alias + "." + column.column; }

std::string facts_text(const SelectFacts& facts) {
  std::string out;
  for (const ColumnEquality& equality : facts.equalities) out += "equal " + side(facts, equality.left) + " = " + side(facts, equality.right) + "\n";
  for (const auto& [a, b] : facts.links) out += "link " + facts.relations[a].alias + " ~ " + facts.relations[b].alias + "\n";
  for (const std::size_t relation : facts.cross_joined) out += "cross " + facts.relations[relation].alias + "\n";
  for (const RelationFact& relation : facts.relations) {
    if (relation.at_most_one_row) out += "one row " + relation.alias + "\n";
    if (!relation.unique_by.empty()) out += "unique " + relation.alias + " by " + join(relation.unique_by, ", ") + "\n";
  }
  for (const AggregateFact& aggregate : facts.aggregates) {
    out += "aggregate " + aggregate.function + (aggregate.distinct ? " distinct" : "") + (aggregate.star ? " *" : "");
    for (const RelationColumn& column : aggregate.arguments) out += " " + side(facts, column);
    out += '\n';
  }
  for (const int location : facts.comparisons_with_null) out += "compares with null at " + std::to_string(location) + "\n";
  return out;
}

/// All of a Bound that a person can check, one fact a line.
std::string describe(const Bound& bound) {
  std::string out;
  for (const TableUse& use : bound.tables)
    out += "reads " + use.name.schema + "." + use.name.name + " (" + join(use.columns, ", ") + ") as " + join(use.aliases, ", ") + "\n";
  for (const OutputColumn& column : bound.output)
    out += "gives " + column.name + " " + kind_text(column.type.kind) + lineage_of(column.lineage) + "\n";
  std::string functions;
  for (const FunctionUse& use : bound.functions) functions += " " + join(use.name, ".");
  if (!functions.empty()) out += "calls" + functions + "\n";
  std::string operators;
  for (const std::string& op : bound.operators) operators += " " + op;
  if (!operators.empty()) out += "operators" + operators + "\n";
  if (bound.reads_all_columns) out += "reads all columns\n";
  for (const SelectFacts& facts : bound.selects) out += facts_text(facts);
  for (const UnknownName& unknown : bound.unknown) out += "! " + unknown.message + "\n";
  return out;
}

std::string describe(const Parser& parser, const std::string& sql, Dialect dialect) {
  const auto parsed = parser.parse(sql);
  if (!parsed) return "does not parse: " + parsed.error().message;
  if (parsed->statement != StatementClass::read) return "is not a read: " + parsed->reason;
  return describe(bind_names(parsed->query, catalog_for_test(dialect), dialect));
}

TEST(Bind, ResolvesPostgresNames) {
  const auto parser = make_postgres_parser();
  const auto count = run_golden("tests/cases/bind/postgres.txt", [&](const std::string& sql) { return describe(*parser, sql, Dialect::postgres); });
  EXPECT_GE(count, 60U);
}

/// DuckDB's rules over texts that both parsers read: runs without DuckDB.
TEST(Bind, ResolvesByDuckdbsRules) {
  const auto parser = make_postgres_parser();
  const auto count = run_golden("tests/cases/bind/duckdb_rules.txt", [&](const std::string& sql) { return describe(*parser, sql, Dialect::duckdb); });
  EXPECT_GE(count, 60U);
}

TEST(Bind, ResolvesDuckdbNames) {
  std::string why;
  const auto source = open_duckdb_for_test(why);
  if (source == nullptr) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << why;
    GTEST_SKIP() << why;
  }
  const auto parser = make_duckdb_parser(*source);
  run_golden("tests/cases/bind/duckdb.txt", [&](const std::string& sql) { return describe(*parser, sql, Dialect::duckdb); });
}

/// A tree that no parser made may be of any depth.
TEST(Bind, StopsAtDeepTrees) {
  Expr expr = make_literal(LiteralKind::integer, "1");
  for (int i = 0; i < 3000; ++i) {
    Expr outer = make_expr(ExprKind::op);
    outer.name = {"-"};
    outer.args.push_back(std::move(expr));
    expr = std::move(outer);
  }
  Query query;
  query.targets.push_back({std::move(expr), "x"});
  const Bound bound = bind_names(query, catalog_for_test(Dialect::postgres), Dialect::postgres);
  ASSERT_EQ(bound.unknown.size(), 1U);
  EXPECT_EQ(bound.unknown[0].kind, UnknownKind::shape);
}

std::string repeated(const std::string& first, const std::string& piece, int times) {
  std::string out = first;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

/// Texts of up to 1 MB that multiply what there is to look at: refused, and soon.
TEST(Bind, BoundsItsWork) {
  const auto parser = make_postgres_parser();
  std::string doubling = "WITH c0 AS (SELECT * FROM flights)";
  for (int i = 1; i < 60; ++i) doubling += ", c" + std::to_string(i) + " AS (SELECT *, * FROM c" + std::to_string(i - 1) + ")";
  std::string many_ctes = "WITH z AS (SELECT 1 AS x)";
  for (int i = 0; i < 20'000; ++i) many_ctes += ", c" + std::to_string(i) + " AS (SELECT x FROM z)";
  for (const auto& [sql, fine] :
       std::vector<std::pair<std::string, bool>>{{doubling + " SELECT * FROM c59", false},
                                                 {repeated("SELECT 1 FROM flights", ", flights", 40'000), false},
                                                 {repeated("SELECT month", ", *", 50'000) + " FROM flights", false},
                                                 {repeated("SELECT a0", ", nothing", 40'000) + " FROM flights", false},
                                                 {repeated("SELECT 1 FROM flights WHERE month IN (1", ", nothing", 40'000) + ")", false},
                                                 {repeated("SELECT 1 FROM flights WHERE month IN (1", ", month", 40'000) + ")", true},
                                                 {repeated("SELECT 1 FROM flights WHERE month IN (1", ", count(flights.*)", 20'000) + ")", true},
                                                 {many_ctes + " SELECT x FROM z", false}}) {
    const auto parsed = parser->parse(sql);
    ASSERT_TRUE(parsed) << parsed.error().message;
    for (const Dialect dialect : {Dialect::postgres, Dialect::duckdb}) {
      const Bound bound = bind_names(parsed->query, catalog_for_test(dialect), dialect);  // quadratic work would pass the test's time-out
      EXPECT_LE(bound.unknown.size(), kUnknownReportedMax + 1) << sql.substr(0, 60);
      EXPECT_EQ(bound.unknown.empty(), fine) << sql.substr(0, 60);
    }
  }
}

TEST(Bind, KnowsAggregates) {
  for (const char* name : {"count", "sum", "avg", "variance", "string_agg", "approx_count_distinct"}) EXPECT_TRUE(is_known_aggregate(name)) << name;
  for (const char* name : {"lower", "", "now", "row_number", "Count"}) EXPECT_FALSE(is_known_aggregate(name)) << name;
}

}  // namespace
}  // namespace sluice
