#include "app/dbt_comments.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace sluice {
namespace {

/// The tables of a catalog by their names in lower case: a project may describe thousands.
using ByName = std::multimap<std::string, Table*>;

Table* table_of(const DbtDescription& description, const Catalog& catalog, const ByName& by_name) {
  const auto [begin, end] = by_name.equal_range(to_lower(description.table));
  if (begin == end) return nullptr;
  Table* only = std::next(begin) == end ? begin->second : nullptr;
  if (!description.schema.empty()) {
    const auto found = std::find_if(begin, end, [&](const auto& one) { return equals_ignoring_case(one.second->name.schema, description.schema); });
    return found == end ? nullptr : found->second;
  }
  const Table* first = catalog.find("", description.table);
  const auto on_path = std::find_if(begin, end, [&](const auto& one) { return one.second == first; });
  return on_path == end ? only : on_path->second;
}

}  // namespace

void comment_from_dbt(const DbtDescriptions& descriptions, Catalog& catalog) {
  ByName by_name;
  for (Table& table : catalog.tables) by_name.emplace(to_lower(table.name.name), &table);
  for (const DbtDescription& description : descriptions.tables) {
    Table* table = table_of(description, catalog, by_name);
    if (table == nullptr) continue;
    if (table->comment.empty()) table->comment = description.text;
    for (const auto& [name, text] : description.columns)
      for (Column& column : table->columns)
        if (equals_ignoring_case(column.name, name) && column.comment.empty()) column.comment = text;
  }
}

}  // namespace sluice
