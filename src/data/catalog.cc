#include "data/catalog.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

/// What of a table gives a query its meaning: statistics and comments left out.
Json meaning_of(const Table& table) {
  Table bare = table;
  bare.row_count.reset();
  bare.row_count_exact = false;
  bare.bytes.reset();
  bare.comment.clear();
  for (Column& column : bare.columns) column.comment.clear();
  const auto inferred = [](const auto& key) { return key.origin == KeyOrigin::inferred; };
  if (bare.primary_key && inferred(*bare.primary_key)) bare.primary_key.reset();
  std::erase_if(bare.unique_keys, inferred);
  std::erase_if(bare.foreign_keys, inferred);
  return encode(bare);
}

}  // namespace

bool runs_on_read(const Table& table) {
  // A materialized view's definition ran when it was filled.
  return table.kind == TableKind::view || (table.kind == TableKind::table && !table.definition.empty()) || !table.user_code.empty();
}

const Column* Table::find_column(std::string_view column) const {
  for (const Column& candidate : columns)
    if (candidate.name == column) return &candidate;
  for (const Column& candidate : columns)
    if (equals_ignoring_case(candidate.name, column)) return &candidate;
  return nullptr;
}

const Table* Catalog::find(std::string_view schema, std::string_view name) const {
  const auto in_schema = [&](std::string_view wanted, bool exact) -> const Table* {
    for (const auto* list : {&tables, &others})
      for (const Table& table : *list) {
        if (exact ? table.name.name != name : !equals_ignoring_case(table.name.name, name)) continue;
        if (exact ? table.name.schema == wanted : equals_ignoring_case(table.name.schema, wanted)) return &table;
      }
    return nullptr;
  };
  if (!schema.empty()) {
    const Table* found = in_schema(schema, true);
    return found != nullptr ? found : in_schema(schema, false);
  }
  for (const bool exact : {true, false})
    for (const std::string& candidate : search_path)
      if (const Table* found = in_schema(candidate, exact)) return found;
  return nullptr;
}

std::string Catalog::display(const TableName& name) const {
  const Table* unqualified = find("", name.name);
  return unqualified != nullptr && unqualified->name == name ? name.name : name.schema + "." + name.name;
}

Catalog part_of(const Catalog& whole, std::span<const TableName> only) {
  // Everything but the tables: copying a thousand to keep two takes milliseconds.
  Catalog out{.connection = whole.connection,
              .source = whole.source,
              .dialect = whole.dialect,
              .database = whole.database,
              .search_path = whole.search_path,
              .user_functions = whole.user_functions,
              .user_operators = whole.user_operators,
              .shadowing_functions = whole.shadowing_functions,
              .user_types = whole.user_types};
  for (const Table& table : whole.tables)
    if (std::find(only.begin(), only.end(), table.name) != only.end()) out.tables.push_back(table);
  for (const Table& table : whole.others)
    if (std::find(only.begin(), only.end(), table.name) != only.end()) out.others.push_back(table);
  return out;
}

std::string fingerprint(const Catalog& catalog, std::span<const TableName> only) {
  Json all = Json::array();
  if (only.empty()) {
    for (const Table& table : catalog.tables) all.push(meaning_of(table));
  } else {
    std::vector<TableName> names(only.begin(), only.end());
    std::sort(names.begin(), names.end());
    for (const TableName& name : names) {
      const Table* table = catalog.find(name);
      all.push(table != nullptr ? meaning_of(*table) : Json(name.schema + "." + name.name + " is missing"));
    }
  }
  for (const auto* added : {&catalog.user_functions, &catalog.user_operators, &catalog.shadowing_functions, &catalog.user_types})
    all.push(encode(*added));
  return sha256_hex(all.dump());
}

}  // namespace sluice
