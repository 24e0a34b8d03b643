#include "data/column_ranges.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ColumnRanges, AreOfNumbersAndDatesThatAreNoIds) {
  using enum TypeKind;
  Table table{.name = {"public", "orders"}};
  const auto add = [&](const char* name, TypeKind kind) { table.columns.push_back({name, Type{kind, ""}, true, false, ""}); };
  for (const char* name :
       {"number", "serial", "buyer", "shop_id", "CustomerID", "row_key", "clerkid", "year", "status", "status_code", "paid", "line"})
    add(name, integer);
  for (const auto& [name, kind] : {std::pair{"name", text},
                                   {"open", boolean},
                                   {"price", decimal},
                                   {"rate", floating},
                                   {"placed", date},
                                   {"sent", timestamp},
                                   {"seen", timestamptz},
                                   {"at", time},
                                   {"id_issued", date},
                                   {"tags", list}})
    add(name, kind);
  table.primary_key = Key{{"number"}};
  table.unique_keys = {Key{{"serial"}}, Key{{"year", "line"}}};
  table.foreign_keys = {{{"buyer"}, {"public", "people"}, {"number"}}, {{"year", "line"}, {"public", "plan"}, {"year", "line"}}};
  std::string names;
  for (const Column& column : ranged_columns(table)) names += column.name + " ";
  EXPECT_EQ(names, "year status status_code paid line price rate placed sent seen id_issued ");
}

TEST(ColumnRanges, TellOnlyFiniteNumbersAndDates) {
  const auto ends = [](const char* least, const char* greatest) { return is_told({.least = least, .greatest = greatest}); };
  EXPECT_TRUE(ends("-1.5e-07", "1e+22"));
  EXPECT_TRUE(ends("2013-01-01 00:00:00+00", "2014-01-01T00:00:00"));
  for (const char* odd : {"", "NaN", "inf", "-infinity", "0044-03-15 BC", "44-03-15 (BC)", "$1.00", "-"}) EXPECT_FALSE(ends("1", odd)) << odd;
  EXPECT_TRUE(is_told({.codes = std::vector<std::string>(ColumnRange::kCodesMax, "1")}));
  EXPECT_FALSE(is_told({.codes = std::vector<std::string>(ColumnRange::kCodesMax + 1, "1")}));
}

}  // namespace
}  // namespace sluice
