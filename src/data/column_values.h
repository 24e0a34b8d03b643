#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice {

/// Up to some of the distinct values of a text column, most frequent first where the engine knows: by them words of a
/// question are recognised ("JFK" → flights.origin).
struct ColumnValues {
  TableName table{};
  std::string column{};
  std::vector<std::string> values{};
  bool complete = false;  ///< these are all

  static constexpr auto fields() {
    return std::tuple{Field{"table", &ColumnValues::table}, Field{"column", &ColumnValues::column}, Field{"values", &ColumnValues::values},
                      Field{"complete", &ColumnValues::complete}};
  }
};

}  // namespace sluice
