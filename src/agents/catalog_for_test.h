#pragma once
#include <string>
#include <utility>
#include <vector>

#include "data/catalog.h"
#include "data/column_ranges.h"
#include "data/column_values.h"

namespace sluice {

/// Flights with their airlines and airports, students with their pets, and what needs care: a view, a table that may not be read, names that need
/// quotes off the search path, comments and names that try to be more than that.
struct CatalogForTest {
  Catalog catalog{.connection = "test", .dialect = Dialect::postgres, .search_path = {"public"}};
  std::vector<ColumnValues> values{};
  std::vector<ColumnRange> ranges{};

  Table& add(std::string schema, std::string name, const std::vector<std::pair<std::string, TypeKind>>& columns) {
    Table& out = catalog.tables.emplace_back();
    out.name = {std::move(schema), std::move(name)};
    for (const auto& [column, kind] : columns)
      out.columns.push_back({column, Type{kind, kind == TypeKind::text ? "text" : "integer"}, false, false, ""});
    out.primary_key = Key{{columns.front().first}};
    return out;
  }
  static void refer(Table& from, std::string column, std::string table, std::string target, KeyOrigin origin = KeyOrigin::declared) {
    from.foreign_keys.push_back({{std::move(column)}, {from.name.schema, std::move(table)}, {std::move(target)}, origin});
  }

  CatalogForTest() {
    using enum TypeKind;
    Table& airlines = add("public", "airlines", {{"carrier", text}, {"name", text}});
    airlines.row_count = 16;
    airlines.row_count_exact = true;
    add("public", "airports", {{"faa", text}, {"name", text}, {"altitude", integer}});
    add("public", "delayed", {{"carrier", text}}).kind = TableKind::view;
    Table& flights = add("public", "flights", {{"year", integer}, {"number", integer}, {"carrier", text}, {"origin", text}, {"arr_delay", integer}});
    flights.comment = "it's all flights\nthat left New York\xE2\x80\xAE";
    flights.row_count = 336'776;
    flights.primary_key = Key{{"year", "number"}};
    flights.columns[3].nullable = true;
    flights.columns[4].comment = "minutes; negative where early";
    refer(flights, "carrier", "airlines", "carrier");
    refer(flights, "origin", "airports", "faa", KeyOrigin::inferred);
    Table& has_pet = add("public", "has_pet", {{"stuid", integer}, {"petid", integer}});
    refer(has_pet, "stuid", "student", "stuid");
    refer(has_pet, "petid", "pets", "petid");
    add("public", "pets", {{"petid", integer}, {"pettype", text}, {"weight", integer}});
    add("public", "student", {{"stuid", integer}, {"lname", text}, {"age", integer}});
    add("public", "torn", {{"id", integer}, {"secret", text}}).unreadable = "is a part of another table";
    add("sales", "Order Details", {{"id", integer}, {"select", text}, {"Unit Price", integer}});
    values = {{{"public", "airlines"}, "name", {"United Air Lines Inc.", "JetBlue Airways", "ExpressJet Airlines Inc.", "Mesa Airlines Inc."}, false},
              {{"public", "flights"}, "carrier", {"UA", "B6"}, false},
              {{"public", "flights"}, "origin", {"EWR", "JFK", "LGA"}, true},
              {{"public", "pets"}, "pettype", {"cat", "dog"}, true}};
    ranges = {{{"public", "airports"}, "altitude", {}, "-54", "9078", true},
              {{"public", "flights"}, "year", {"2013"}, "", "", true},
              {{"public", "flights"}, "arr_delay", {}, "-86", "1272", false},
              {{"public", "student"}, "age", {"17", "18", "20"}, "", "", true}};
  }

  /// Many tables that nobody asks for.
  void add_others(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      add("zoo", "cage_" + std::to_string(100 + i), {{"cage_id", TypeKind::integer}, {"keeper", TypeKind::text}});
  }

  std::uint32_t place(std::string_view name) const {
    for (std::uint32_t i = 0; i < catalog.tables.size(); ++i)
      if (catalog.tables[i].name.name == name) return i;
    return UINT32_MAX;
  }
};

}  // namespace sluice
