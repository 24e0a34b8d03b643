#include "app/dbt_comments.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(DbtComments, FillInWhatTheDatabaseDoesNotSay) {
  Catalog catalog;
  catalog.search_path = {"marts"};
  for (const TableName& name : std::vector<TableName>{{"marts", "orders"}, {"raw", "orders"}, {"raw", "payments"}, {"a", "twice"}, {"b", "twice"}}) {
    Table table{.name = name};
    table.columns = {Column{.name = "ID"}, Column{.name = "total", .comment = "in euros"}};
    catalog.tables.push_back(std::move(table));
  }
  catalog.tables[2].comment = "said by the database";
  comment_from_dbt({.tables = {{"", "Orders", "One row for each order", {{"id", "its number"}, {"total", "no"}, {"gone", "no"}}},
                               {"raw", "orders", "as they came in", {}},
                               {"", "payments", "no", {{"id", "the bank's"}}},
                               {"", "twice", "no", {}},
                               {"", "missing", "no", {}}}},
                   catalog);
  EXPECT_EQ(catalog.tables[0].comment, "One row for each order");
  EXPECT_EQ(catalog.tables[0].columns[0].comment, "its number");
  EXPECT_EQ(catalog.tables[0].columns[1].comment, "in euros");
  EXPECT_EQ(catalog.tables[1].comment, "as they came in");
  EXPECT_EQ(catalog.tables[2].comment, "said by the database");
  EXPECT_EQ(catalog.tables[2].columns[0].comment, "the bank's");
  EXPECT_EQ(catalog.tables[3].comment, "") << "of two tables that are called so neither is on the search path";
}

}  // namespace
}  // namespace sluice
