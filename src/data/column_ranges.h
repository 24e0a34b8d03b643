#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice {

/// What a column of whole numbers, other numbers or dates holds, as the engine writes it: its codes where it has few, else its least and greatest
/// value. For the texts that people and models read: no word of a question is recognised by it.
struct ColumnRange {
  static constexpr std::size_t kCodesMax = 15;

  TableName table{};
  std::string column{};
  std::vector<std::string> codes{};  ///< whole numbers, ascending
  std::string least{}, greatest{};   ///< where there are no codes
  bool complete = false;             ///< of all rows, when they were read; else of some, or as statistics tell

  bool operator==(const ColumnRange&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"table", &ColumnRange::table}, Field{"column", &ColumnRange::column},     Field{"codes", &ColumnRange::codes},
                      Field{"least", &ColumnRange::least}, Field{"greatest", &ColumnRange::greatest}, Field{"complete", &ColumnRange::complete}};
  }
};

/// The columns of numbers and dates of which a range says something: not keys, references and other ids, which are counted from somewhere.
std::vector<Column> ranged_columns(const Table& table);

/// Whether it tells something: finite numbers and dates of our era, at most kCodesMax codes.
bool is_told(const ColumnRange& range);

}  // namespace sluice
