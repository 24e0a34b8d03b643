#include "planner/golden_for_test.h"

namespace sluice::planner {
namespace {

Glossary house() {
  return {.path = "glossary.yml",
          .terms = {{.term = "client", .synonyms = {"account"}, .means = "customers"}, {.term = "shipping cost", .means = "orders.freight"}},
          .values = {{.term = "domestic", .condition = "customers.country = 'USA'"}, {.term = "bulk order", .condition = "orders.freight > 500"}},
          .measures =
              {{.term = "revenue", .synonyms = {"turnover"}, .table = "order_details", .expression = "sum(quantity * unit_price * (1 - discount))"},
               {.term = "average basket", .table = "order_details", .expression = "sum(quantity * unit_price) / count_distinct(order_id)"}},
          .defaults = {{.table = "orders", .filter = "ship_country <> 'France'", .date = "shipped_date"}},
          .definitions = {{.term = "FPO", .synonyms = {"freight rate"}, .says = "total freight / number of orders"},
                          {.term = "DSR", .says = "number of orders to Germany / number of orders"},
                          {.term = "core client", .says = "client in Germany or France."},
                          {.term = "loop", .says = "loop of loops"}}};
}

TEST(GlossaryWords, AreReadLikeNamesOfTheCatalog) { GoldenFile("glossary.txt", northwind_catalog(), "2026-11-21", house()).run(); }

TEST(GlossaryWords, AreArithmeticWhereTheySaySo) {
  const Glossary deals{.path = "glossary.yml",
                       .definitions = {{.term = "profit", .says = "sale price - purchase cost"},
                                       {.term = "GPM", .says = "(total revenue - total purchase cost of the bicycles sold) / total revenue"},
                                       {.term = "outstanding balance", .says = "sale price minus the sum of all payments received for the sale"},
                                       {.term = "markup", .says = "(list price - purchase cost) / purchase cost * 100"}}};
  GoldenFile("arithmetic_definitions.txt", showroom_catalog(), "2026-11-21", deals).run();
}

TEST(GlossaryWords, SayWhichOfTheDatesOfATableCounts) {
  const Glossary airport{.path = "glossary.yml",
                         .values = {{.term = "late", .condition = "flights.dep_delay > 15"}},
                         .measures = {{.term = "punctuality", .table = "flights", .expression = "avg(arr_delay) - avg(dep_delay)"}},
                         .defaults = {{.table = "flights", .date = "time_hour"}}};
  GoldenFile("glossary_flights.txt", flights_catalog(), "2026-11-21", airport).run();
  const auto sample = flights_catalog();
  const auto linked = [&](const std::string& question, const Glossary& glossary) {
    const auto answer = make_planner()->propose({.question = question, .catalog = sample.catalog, .values = sample.values, .glossary = glossary});
    std::string out;
    if (answer)
      for (const LinkedWord& word : answer->linked) out += (out.empty() ? "" : "; ") + word.word + " = " + word.meaning;
    return answer ? out : "! " + answer.error().message;
  };
  EXPECT_EQ(
      linked("how many late flights in 2013", airport),
      "late = \"late\" of the glossary: flights.dep_delay; flights = table flights; 2013 = flights.time_hour from 2013-01-01 to before 2014-01-01");
  EXPECT_EQ(linked("how many flights on 2013-03-05", kNoGlossary),
            "flights = table flights; 2013-03-05 = flights.year, flights.month, flights.day from 2013-03-05 to before 2013-03-06");
  EXPECT_EQ(linked("how many flights in March", kNoGlossary), "flights = table flights; March = flights.month = 3");
}

}  // namespace
}  // namespace sluice::planner
