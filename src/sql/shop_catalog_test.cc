#include "sql/catalog_for_test.h"

#include <algorithm>

namespace sluice {
namespace {

Column column(std::string name, TypeKind kind, std::string native = "") {
  Column out;
  out.name = std::move(name);
  out.type = {kind, std::move(native)};
  return out;
}

Table table(std::string schema, std::string name, std::vector<Column> columns, TableKind kind = TableKind::table) {
  Table out;
  out.name = {std::move(schema), std::move(name)};
  out.kind = kind;
  out.columns = std::move(columns);
  return out;
}

}  // namespace

Catalog catalog_for_test(Dialect dialect) {
  const std::string main = dialect == Dialect::postgres ? "public" : "main";
  Catalog out;
  out.connection = "shop";
  out.dialect = dialect;
  out.database = "shopdb";
  out.search_path = {main};
  const auto integer = TypeKind::integer;
  const auto text = TypeKind::text;
  out.tables = {
      table(main, "flights",
            {column("year", integer), column("month", integer), column("day", integer), column("dep_delay", TypeKind::floating),
             column("arr_delay", TypeKind::floating), column("carrier", text), column("flight", integer, "bigint"), column("tailnum", text),
             column("origin", text), column("dest", text), column("time_hour", TypeKind::timestamp)}),
      table(main, "airlines", {column("carrier", text), column("name", text)}),
      table(main, "customers", {column("id", integer), column("name", text)}),
      table(main, "airports", {column("faa", text), column("name", text), column("lat", TypeKind::floating), column("lon", TypeKind::floating)}),
      table(main, "planes", {column("tailnum", text), column("year", integer), column("seats", integer), column("meta", TypeKind::structure)}),
      table(main, "busy_routes", {column("origin", text), column("dest", text), column("n", integer)}, TableKind::view),
      table(main, "Mixed Case", {column("Id", integer), column("Full Name", text)}),
      table(main, "pg_shadow_copy", {column("id", integer)}),
      table("sales", "orders", {column("id", integer), column("customer", text), column("total", TypeKind::decimal)}),
  };
  std::sort(out.tables.begin(), out.tables.end(), [](const Table& a, const Table& b) { return a.name < b.name; });
  return out;
}

}  // namespace sluice
