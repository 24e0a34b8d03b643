#pragma once
#include "data/catalog.h"

namespace sluice::plan {

/// Customers, orders, suppliers and employees: each kind of column, names that need quotes, a table off the search path.
inline Catalog catalog_for_test() {
  Catalog out;
  out.connection = "shop";
  out.search_path = {"main"};
  const auto add = [&](std::string schema, std::string name, std::vector<std::pair<std::string, TypeKind>> columns) {
    Table table;
    table.name = {std::move(schema), std::move(name)};
    for (auto& [column, kind] : columns) table.columns.push_back({std::move(column), Type{kind, ""}, true, false, ""});
    out.tables.push_back(std::move(table));
  };
  using enum TypeKind;
  add("archive", "old_orders", {{"id", integer}});
  add("main", "customers", {{"id", integer}, {"name", text}, {"city", text}});
  add("main", "employees", {{"id", integer}, {"name", text}, {"boss_id", integer}});
  add("main", "orders",
      {{"id", integer},
       {"customer_id", integer},
       {"total", decimal},
       {"weight", floating},
       {"status", text},
       {"placed", date},
       {"shipped", timestamp},
       {"paid", boolean},
       {"extra", json}});
  add("main", "suppliers", {{"City", text}, {"select", integer}});
  return out;
}

}  // namespace sluice::plan
