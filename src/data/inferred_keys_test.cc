#include "data/inferred_keys.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

const Type kInteger{TypeKind::integer, {}}, kText{TypeKind::text, {}};

Table table(const std::string& name, std::vector<std::pair<std::string, Type>> columns, std::int64_t rows) {
  Table out{.name = {"main", name}};
  for (auto& [column, type] : columns) out.columns.push_back({.name = column, .type = type});
  out.row_count = rows;
  out.row_count_exact = true;
  return out;
}

std::string refers(const Catalog& catalog, const std::string& name) {
  std::string out;
  for (const ForeignKey& key : catalog.find("main", name)->foreign_keys)
    out += key.columns.front() + "->" + key.target.name + "." + key.target_columns.front() + (key.origin == KeyOrigin::inferred ? " " : " declared ");
  return out;
}

TEST(InferredKeys, FindsWhatValuesShow) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("airlines", {{"carrier", kText}, {"name", kText}}, 4), table("airports", {{"faa", kText}, {"name", kText}}, 5),
                    table("flights", {{"year", kInteger}, {"carrier", kText}, {"origin", kText}, {"note", kText}}, 100)};
  const auto values = [](const char* of, const char* column, std::vector<std::string> list) {
    return ColumnValues{{"main", of}, column, std::move(list), true};
  };
  const std::vector<ColumnValues> known{values("airlines", "carrier", {"AA", "B6", "UA", "WN"}),
                                        values("airlines", "name", {"a", "b", "c", "d"}),
                                        values("airports", "faa", {"JFK", "EWR", "LGA", "SFO", "BOS"}),
                                        values("airports", "name", {"1", "2", "3", "4", "5"}),
                                        values("flights", "carrier", {"AA", "UA", "ZZ"}),
                                        values("flights", "origin", {"JFK", "EWR", "LGA"}),
                                        values("flights", "note", {"JFK", "late", "AA"})};
  infer_keys(catalog, known);
  EXPECT_EQ(catalog.find("main", "airports")->primary_key->columns, std::vector<std::string>{"faa"});
  EXPECT_EQ(refers(catalog, "flights"), "carrier->airlines.carrier origin->airports.faa ");
  EXPECT_EQ(refers(catalog, "airlines"), "");
}

TEST(InferredKeys, FindsWhatNamesShow) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("Customers", {{"CustomerID", kInteger}, {"Name", kText}}, 10), table("categories", {{"id", kInteger}, {"name", kText}}, 10),
                    table("orders", {{"id", kInteger}, {"customer_id", kInteger}, {"category_id", kInteger}, {"year", kInteger}}, 10),
                    table("years", {{"year", kInteger}}, 10)};
  infer_keys(catalog);
  EXPECT_EQ(refers(catalog, "orders"), "customer_id->Customers.CustomerID category_id->categories.id ");
}

TEST(InferredKeys, LeavesDoubtAndDeclaredKeysAlone) {
  Catalog catalog{.search_path = {"main"}};
  catalog.tables = {table("a", {{"code", kText}}, 3), table("b", {{"code", kText}}, 3), table("c", {{"x", kText}, {"id", kInteger}}, 9)};
  const std::vector<ColumnValues> known{
      {{"main", "a"}, "code", {"p", "q", "r"}, true}, {{"main", "b"}, "code", {"p", "q", "r"}, true}, {{"main", "c"}, "x", {"p", "q", "r"}, true}};
  infer_keys(catalog, known);
  EXPECT_EQ(refers(catalog, "c"), "") << "two keys fit: nobody knows which";
  EXPECT_EQ(catalog.find("main", "c")->primary_key, std::nullopt);
  catalog.tables[0].primary_key = Key{{"code"}, KeyOrigin::declared};
  infer_keys(catalog);
  EXPECT_EQ(catalog.tables[0].primary_key->origin, KeyOrigin::declared);
}

}  // namespace
}  // namespace sluice
