#include <gtest/gtest.h>

#include <limits>

#include "data/catalog.h"
#include "data/rows.h"

namespace sluice {
namespace {

Catalog shop() {
  Catalog catalog;
  catalog.search_path = {"main"};
  Table orders{.name = {"main", "orders"}};
  orders.columns = {Column{.name = "id", .type = {TypeKind::integer, "BIGINT"}},
                    Column{.name = "Total", .type = {TypeKind::decimal, "DECIMAL(18,2)"}}};
  orders.row_count = 10;
  catalog.tables = {orders, Table{.name = {"sales", "orders"}}};
  return catalog;
}

TEST(Catalog, FindsAlongTheSearchPathIgnoringCase) {
  const Catalog catalog = shop();
  ASSERT_NE(catalog.find("", "ORDERS"), nullptr);
  EXPECT_EQ(catalog.find("", "ORDERS")->name.schema, "main");
  EXPECT_EQ(catalog.find("sales", "orders")->name.schema, "sales");
  EXPECT_EQ(catalog.find("", "order"), nullptr);
  EXPECT_EQ(catalog.display({"sales", "orders"}), "sales.orders");
  EXPECT_EQ(catalog.display({"main", "orders"}), "orders");
  EXPECT_EQ(catalog.find("", "orders")->find_column("total")->name, "Total");
}

TEST(Fingerprint, ChangesWithMeaningOnly) {
  const Catalog catalog = shop();
  Catalog changed = catalog;
  changed.tables[0].row_count = 99;
  changed.tables[0].comment = "x";
  changed.tables[0].foreign_keys.push_back({.origin = KeyOrigin::inferred});
  EXPECT_EQ(fingerprint(changed), fingerprint(catalog));
  changed.tables[0].columns[0].type.native = "INTEGER";
  EXPECT_NE(fingerprint(changed), fingerprint(catalog));
  const std::vector<TableName> sales{{"sales", "orders"}}, missing{{"main", "nothing"}};
  EXPECT_EQ(fingerprint(changed, sales), fingerprint(catalog, sales));
  EXPECT_NE(fingerprint(catalog, sales), fingerprint(catalog, missing));
  changed = catalog;
  changed.tables[1].definition = "SELECT 1";
  EXPECT_NE(fingerprint(changed, sales), fingerprint(catalog, sales));
  changed = catalog;
  changed.user_functions = {"lower"};
  EXPECT_NE(fingerprint(changed, sales), fingerprint(catalog, sales));
}

TEST(Catalog, RoundTripsThroughJson) {
  const Catalog catalog = shop();
  auto back = decode<Catalog>(encode(catalog));
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), encode(catalog));
}

TEST(Values, ShowAndCount) {
  EXPECT_EQ(value_text(Value(1.5), {}), "1.5");
  EXPECT_EQ(value_json(Value(std::string("\xff")), {TypeKind::bytes, ""}), Json("/w=="));
  EXPECT_EQ(value_json(Value(), {}), Json());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(value_json(Value(std::numeric_limits<double>::quiet_NaN()), {}), Json("NaN")) << "null would say that there is no value";
  EXPECT_EQ(value_json(Value(-kInfinity), {}), Json("-Infinity"));
  EXPECT_EQ(value_text(Value(kInfinity), {}), "inf") << "as DuckDB says it";
  EXPECT_EQ(row_bytes({Value(std::string("abc")), Value(true)}), 11);
  RowBuffer buffer(1);
  EXPECT_TRUE(buffer.rows({{Value(true)}, {Value(false)}}));
  EXPECT_EQ(buffer.kept.size(), 1U);
  EXPECT_EQ(buffer.seen, 2);
}

TEST(CatalogPart, IsTheCatalogWithFewerTables) {
  Catalog whole{.connection = "c",
                .source = "s",
                .dialect = Dialect::postgres,
                .database = "d",
                .search_path = {"public"},
                .user_functions = {"f"},
                .user_operators = {"+"}};
  whole.tables = {Table{.name = {"public", "a"}}, Table{.name = {"public", "b"}}, Table{.name = {"public", "c"}}};
  const std::vector<TableName> only{{"public", "c"}, {"public", "a"}, {"public", "gone"}};
  Catalog expected = whole;
  expected.tables.erase(expected.tables.begin() + 1);
  EXPECT_EQ(encode(part_of(whole, only)).dump(), encode(expected).dump()) << "a field that is not copied shows here";
}

}  // namespace
}  // namespace sluice
