#pragma once
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/column_values.h"

namespace sluice {

/// Sampled values, found by their table. Borrows them. Only looked up, never gone through, so that the order of a hash table never shows.
class ValuesByTable {
 public:
  explicit ValuesByTable(std::span<const ColumnValues> values) {
    for (const ColumnValues& one : values)
      if (!one.values.empty()) by_name_[one.table.name].push_back(&one);
  }

  /// Those of the table's columns that have any, in the order in which they were given.
  std::vector<const ColumnValues*> of(const TableName& table) const {
    std::vector<const ColumnValues*> out;
    if (const auto found = by_name_.find(table.name); found != by_name_.end())
      for (const ColumnValues* one : found->second)
        if (one->table.schema == table.schema) out.push_back(one);
    return out;
  }

 private:
  std::unordered_map<std::string_view, std::vector<const ColumnValues*>> by_name_{};
};

}  // namespace sluice
