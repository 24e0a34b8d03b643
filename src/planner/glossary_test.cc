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
          .defaults = {{.table = "orders", .filter = "ship_country <> 'France'", .date = "shipped_date"}}};
}

TEST(GlossaryWords, AreReadLikeNamesOfTheCatalog) { GoldenFile("glossary.txt", northwind_catalog(), "2026-11-21", house()).run(); }

}  // namespace
}  // namespace sluice::planner
