#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using KeysTest = DuckDbFolder;

std::string references(const Catalog& catalog, const std::string& table) {
  std::string out;
  for (const ForeignKey& key : catalog.find("", table)->foreign_keys)
    out += key.columns.front() + "->" + key.target.name + "." + key.target_columns.front() + (key.origin == KeyOrigin::inferred ? " " : " declared ");
  return out;
}

TEST_F(KeysTest, FindsWhatTheValuesShow) {
  const std::string path = (folder_ / "flights.duckdb").string();
  make(path,
       "CREATE TABLE airlines AS SELECT * FROM (VALUES ('AA', 'American'), ('UA', 'United'), ('B6', 'JetBlue')) t(carrier, name);"
       "CREATE TABLE airports AS SELECT * FROM (VALUES ('JFK', 'Kennedy'), ('EWR', 'Newark'), ('LGA', 'La Guardia'), ('SFO', 'San Francisco')) "
       "t(faa, name);"
       "CREATE TABLE planes AS SELECT 'N' || i AS tailnum, 2000 + i % 5 AS year FROM range(100) r(i);"
       "CREATE TABLE flights AS SELECT 2013 AS year, ['AA', 'UA', 'B6'][1 + i % 3] AS carrier, 'N' || i % 120 AS tailnum, "
       "['JFK', 'EWR', 'LGA'][1 + i % 3] AS origin, ['JFK', 'EWR', 'LGA', 'SFO'][1 + i % 4] AS dest FROM range(1000) r(i);");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "flights"), "carrier->airlines.carrier tailnum->planes.tailnum origin->airports.faa dest->airports.faa ");
  EXPECT_EQ(catalog->find("", "airports")->primary_key->origin, KeyOrigin::inferred);
}

TEST_F(KeysTest, FindsThemInFilesToo) {
  std::ofstream(folder_ / "airports.csv") << "faa,name\nJFK,Kennedy\nEWR,Newark\nLGA,La Guardia\n";
  std::ofstream(folder_ / "flights.csv") << "year,origin\n2013,JFK\n2013,EWR\n2013,LGA\n2013,JFK\n";
  std::ofstream(folder_ / "numbers.csv") << "a,b\n1,2\n3,4\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.csv").string()}});
  const auto catalog = session(*files)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(references(*catalog, "flights"), "origin->airports.faa ");
  EXPECT_EQ(catalog->find("", "flights")->row_count, 4);
  EXPECT_EQ(catalog->find("", "numbers")->row_count, 2) << "counted, as it has no text that tells";
}

TEST_F(KeysTest, DropsWhatTheDataContradict) {
  const std::string path = (folder_ / "names.duckdb").string();
  make(path,
       "CREATE TABLE orders AS SELECT i // 2 AS id, i % 7 AS customer_id, 1000000 + i AS product_id FROM range(100) r(i);"
       "CREATE TABLE customers AS SELECT i AS id FROM range(10) r(i); CREATE TABLE products AS SELECT i AS id FROM range(50) r(i);"
       "CREATE TABLE lines AS SELECT i AS line_id, i % 50 AS order_id FROM range(100) r(i);"
       "CREATE TABLE vendors (id INTEGER); CREATE TABLE bills AS SELECT i AS id, i AS vendor_id FROM range(10) r(i);");
  const auto database = engine({.path = path});
  const auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_FALSE(catalog->find("", "orders")->primary_key) << "id repeats";
  EXPECT_EQ(references(*catalog, "lines"), "") << "orders.id is no key";
  EXPECT_EQ(references(*catalog, "orders"), "customer_id->customers.id ") << "no product_id is a product's";
  EXPECT_EQ(references(*catalog, "bills"), "vendor_id->vendors.id ") << "an empty table contradicts nothing";
}

TEST_F(KeysTest, ValuesAreCompleteOnlyWhenTheyAre) {
  const std::string path = (folder_ / "values.duckdb").string();
  make(path,
       "CREATE TABLE t AS SELECT 'v' || i % 3 AS few, 'v' || i AS many, CASE WHEN i = 0 THEN repeat('x', 101) ELSE 'y' END AS long, "
       "NULL::VARCHAR AS nothing, (['a', 'b'][1 + i % 2])::ENUM ('a', 'b') AS choice FROM range(30) r(i)");
  const auto database = engine({.path = path});
  const std::vector<TableName> tables{{"main", "t"}};
  const auto values = session(*database)->values(tables, 10);
  ASSERT_TRUE(values) << values.error().message;
  struct Case {
    const char* column;
    std::size_t count;
    bool complete;
  };
  ASSERT_EQ(values->size(), 5U);
  for (const auto& [column, count, complete] :
       {Case{"few", 3, true}, Case{"many", 10, false}, Case{"long", 1, false}, Case{"nothing", 0, true}, Case{"choice", 2, true}}) {
    const auto found = std::find_if(values->begin(), values->end(), [&](const ColumnValues& one) { return one.column == column; });
    ASSERT_NE(found, values->end()) << column;
    EXPECT_EQ(found->values.size(), count) << column;
    EXPECT_EQ(found->complete, complete) << column;
  }
}

}  // namespace
}  // namespace sluice
