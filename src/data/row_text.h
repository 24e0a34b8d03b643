#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/rows.h"

namespace sluice {

/// One line of CSV as RFC 4180 wants it, with its newline.
std::string csv_line(std::span<const std::string> fields);

enum class RowFormat : std::uint8_t { csv, json, jsonl };

/// Rows as text, one after the other: CSV as RFC 4180 (NULL empty, quotes where needed); JSON lines, one object a line (a repeated column name gets
/// "_2", "_3", …); JSON, the elements of an array of arrays, which the caller opens and closes.
class RowText {
 public:
  explicit RowText(RowFormat format) : format_(format) {}
  /// What stands in front of the rows: CSV's header.
  std::string begin(const std::vector<ResultColumn>& columns);
  std::string row(const Row& row);

 private:
  RowFormat format_;
  std::vector<ResultColumn> header_{};
  std::vector<std::string> names_{};
  bool first_ = true;
};

}  // namespace sluice
