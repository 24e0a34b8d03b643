#pragma once
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/catalog.h"

namespace sluice {

/// What is known of columns (ColumnValues, ColumnRange), found by their table. Borrows it. Only looked up, never gone through, so that the order of a
/// hash table never shows.
template <class Sample>
class SamplesByTable {
 public:
  explicit SamplesByTable(std::span<const Sample> samples) {
    for (const Sample& one : samples) by_name_[one.table.name].push_back(&one);
  }

  /// Those of the table's columns, in the order in which they were given.
  std::vector<const Sample*> of(const TableName& table) const {
    std::vector<const Sample*> out;
    if (const auto found = by_name_.find(table.name); found != by_name_.end())
      for (const Sample* one : found->second)
        if (one->table.schema == table.schema) out.push_back(one);
    return out;
  }

 private:
  std::unordered_map<std::string_view, std::vector<const Sample*>> by_name_{};
};

}  // namespace sluice
