#include "plan/glossary_binding.h"

#include <gtest/gtest.h>

#include "plan/catalog_for_test.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

std::string problem(const Glossary& glossary) {
  const auto bound = bind_glossary(glossary, catalog_for_test());
  return bound.problems.empty() ? "" : bound.problems.front().code + " " + bound.problems.front().message + " | " + bound.problems.front().hint;
}

Glossary with(GlossaryTerm entry) {
  entry.line = 7;
  return {.path = "glossary.yml", .terms = {std::move(entry)}};
}
Glossary with(GlossaryValue entry) {
  entry.line = 7;
  return {.path = "glossary.yml", .values = {std::move(entry)}};
}
Glossary with(GlossaryMeasure entry) {
  entry.line = 7;
  return {.path = "glossary.yml", .measures = {std::move(entry)}};
}
Glossary with(TableDefaults entry) {
  entry.line = 7;
  return {.path = "glossary.yml", .defaults = {std::move(entry)}};
}

TEST(GlossaryBinding, FindsWhatTheEntriesName) {
  const Catalog catalog = catalog_for_test();
  const auto name = [&](std::size_t table) { return catalog.tables.at(table).name.name; };
  const Glossary glossary{
      .terms = {{.means = "Customers"}, {.means = "archive.old_orders"}, {.means = "orders.TOTAL"}, {.means = "main.orders.total"}},
      .values = {{.condition = "customers.city = 'Berlin'"}, {.condition = "archive.old_orders.id in (1, 2)"}},
      .measures = {{.table = "orders", .expression = "sum(total * WEIGHT) / count_distinct(orders.customer_id)"}},
      .defaults = {{.table = "orders", .filter = "status <> 'cancelled'", .date = "placed"}}};
  const BoundGlossary bound = bind_glossary(glossary, catalog);
  ASSERT_TRUE(bound.problems.empty()) << bound.problems.front().message;
  ASSERT_EQ(bound.terms.size(), 4U);
  EXPECT_EQ(name(bound.terms[0].table), "customers");
  EXPECT_FALSE(bound.terms[0].column);
  EXPECT_EQ(name(bound.terms[1].table), "old_orders");
  EXPECT_EQ(bound.terms[2].column, bound.terms[3].column);
  EXPECT_EQ(bound.terms[2].column, 2U);
  EXPECT_EQ(bound.values[0].condition, call(Fn::eq, {column("customers", "city"), text("Berlin")}));
  EXPECT_EQ(bound.values[1].condition, call(Fn::in, {column("archive.old_orders", "id"), integer(1), integer(2)}));
  EXPECT_EQ(bound.measures[0].value, call(Fn::divide, {call(Fn::sum, {call(Fn::multiply, {column("orders", "total"), column("orders", "weight")})}),
                                                       call(Fn::count_distinct, {column("orders", "customer_id")})}));
  EXPECT_EQ(bound.defaults[0].filter, call(Fn::ne, {column("orders", "status"), text("cancelled")}));
  EXPECT_EQ(bound.defaults[0].date, 5U);
}

TEST(GlossaryBinding, TextBesideADateIsOne) {
  const auto bound = [&](const std::string& condition) {
    return bind_glossary(with(GlossaryValue{.condition = condition}), catalog_for_test()).values.at(0).condition;
  };
  EXPECT_EQ(bound("orders.placed >= '2013-01-31'"), call(Fn::ge, {column("orders", "placed"), date("2013-01-31")}));
  EXPECT_EQ(bound("orders.shipped < '2013-01-31 05:00:00'"),
            call(Fn::lt, {column("orders", "shipped"), {Literal{TypeKind::timestamp, std::string("2013-01-31 05:00:00")}}}));
  EXPECT_EQ(bound("orders.status = '2013-01-31'"), call(Fn::eq, {column("orders", "status"), text("2013-01-31")}));
}

TEST(GlossaryBinding, KeepsTheEntriesThatAreRight) {
  const Glossary glossary{.terms = {{.means = "nothing"}, {.means = "customers"}}};
  const BoundGlossary bound = bind_glossary(glossary, catalog_for_test());
  EXPECT_EQ(bound.problems.size(), 1U);
  ASSERT_EQ(bound.terms.size(), 1U);
  EXPECT_EQ(bound.terms[0].entry, 1U);
}

TEST(GlossaryBinding, SaysInWhichLineWhatIsWrong) {
  const auto measure = [](std::string expression) { return with(GlossaryMeasure{.table = "orders", .expression = std::move(expression)}); };
  const auto value = [](std::string condition) { return with(GlossaryValue{.condition = std::move(condition)}); };
  for (const auto& [glossary, expected] : std::vector<std::pair<Glossary, std::string>>{
           {with(GlossaryTerm{.means = "custmers"}),
            "E0741 glossary.yml line 7: table \"custmers\" is not in connection \"shop\" | did you mean \"customers\"?"},
           {with(GlossaryTerm{.means = "orders.totl"}),
            "E0741 glossary.yml line 7: table \"orders\" has no column \"totl\" | did you mean \"total\"?"},
           {with(GlossaryTerm{.means = "a b"}), "E0908 glossary.yml line 7: in \"a b\", at character 3"},
           {value("customers.town = 'Berlin'"), "E0741 glossary.yml line 7: table \"customers\" has no column \"town\""},
           {value("city = 'Berlin'"), "E0742 glossary.yml line 7: of which table is column \"city\"?"},
           {value("customers.city = 'Berlin' and orders.paid"), "E0742 glossary.yml line 7: it names columns of \"customers\" and of \"orders\""},
           {value("customers.city = 5"),
            "E0902 glossary.yml line 7: =(customers.city, 5) cannot be computed: text does not go together with integer"},
           {value("orders.total"), "E0742 glossary.yml line 7: \"orders.total\" is no condition"},
           {value("sum(orders.total) > 5"), "E0742 glossary.yml line 7: \"sum(orders.total) > 5\" is about many rows at once"},
           {value("1 = 1"), "E0742 glossary.yml line 7: \"1 = 1\" names no column"},
           {value("orders.placed > '2013-02-30'"), "E0907 glossary.yml line 7"},
           {measure("total"), "E0742 glossary.yml line 7: \"total\" has a value for each row | say what becomes of many rows: sum(total)"},
           {measure("sum(total) + weight"), "E0742 glossary.yml line 7: \"sum(total) + weight\" has a column outside"},
           {measure("sum(avg(total))"), "E0742 glossary.yml line 7"},
           {measure("sum(status)"), "E0902 glossary.yml line 7: sum(orders.status) cannot be computed"},
           {measure("sum(customers.id)"), "E0742 glossary.yml line 7: it names columns of \"orders\" and of \"customers\""},
           {measure("sum(total"), "E0908 glossary.yml line 7: in \"sum(total\", at character 4"},
           {with(TableDefaults{.table = "order"}), "E0741 glossary.yml line 7: table \"order\" is not"},
           {with(TableDefaults{.table = "orders", .date = "status"}), "E0742 glossary.yml line 7: column \"status\" is no date"},
           {with(TableDefaults{.table = "orders", .date = "orders.placed"}), "E0742 glossary.yml line 7: \"orders.placed\" is no column's name"},
           {with(TableDefaults{.table = "orders", .filter = "customers.city = 'x'"}), "E0742 glossary.yml line 7: it names columns of"},
       })
    EXPECT_EQ(problem(glossary).substr(0, expected.size()), expected);
  EXPECT_EQ(problem({.path = "g", .defaults = {{.table = "orders", .line = 1}, {.table = "main.orders", .line = 5}}}),
            "E0742 g line 5: table \"orders\" has its defaults already in line 1 | put them into one entry");
}

TEST(GlossaryBinding, TakesNoTableThatMayNotBeReadAndNoNameOfTwoThings) {
  Catalog catalog = catalog_for_test();
  catalog.others.push_back(Table{.name = {"main", "part"}, .unreadable = "is a part of another table"});
  EXPECT_EQ(bind_glossary(with(GlossaryTerm{.means = "part"}), catalog).problems.at(0).code, "E0741");
  // A schema that is called as a table is, with a table that is called as its column.
  catalog.tables.push_back(Table{.name = {"orders", "total"}});
  EXPECT_NE(bind_glossary(with(GlossaryTerm{.means = "orders.total"}), catalog).problems.at(0).hint.find("main.orders.total"), std::string::npos);
}

}  // namespace
}  // namespace sluice::plan
