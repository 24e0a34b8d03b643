#include "data/column_ranges.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "data/key_names.h"

namespace sluice {
namespace {

bool is_alone_in(const Key& key, const std::string& column) { return key.columns.size() == 1 && key.columns.front() == column; }

/// "customer_id", "CustomerID", "customerid", but not "paid".
bool is_named_id(const std::string& column) {
  static constexpr std::array<std::string_view, 20> kNoIds{"paid",  "unpaid", "prepaid", "bid",   "valid",    "void",   "acid",
                                                           "grid",  "solid",  "covid",   "humid", "fluid",    "liquid", "hybrid",
                                                           "rapid", "mid",    "aid",     "avoid", "asteroid", "kid"};
  const key_names::ColumnName name = key_names::read_column(column);
  return key_names::ending_of(name) == key_names::Ending::identifier && std::ranges::find(kNoIds, name.plain) == kNoIds.end();
}

bool is_id(const Table& table, const Column& column) {
  const auto alone = [&](const Key& key) { return is_alone_in(key, column.name); };
  if ((table.primary_key && alone(*table.primary_key)) || std::ranges::any_of(table.unique_keys, alone)) return true;
  const auto refers = [&](const ForeignKey& key) { return key.columns.size() == 1 && key.columns.front() == column.name; };
  if (std::ranges::any_of(table.foreign_keys, refers)) return true;
  return column.type.is_numeric() && is_named_id(column.name);
}

/// A finite number, or a date or time of our era, and nothing else: neither "infinity" nor "NaN" nor "0044-03-15 BC".
bool is_plain(const std::string& value) {
  const std::size_t sign = value.starts_with('-') ? 1 : 0;
  const bool digit = value.size() > sign && value[sign] >= '0' && value[sign] <= '9';
  return digit && value.find_first_not_of("0123456789.:+- eET") == std::string::npos;
}

}  // namespace

std::vector<Column> ranged_columns(const Table& table) {
  std::vector<Column> out;
  for (const Column& column : table.columns)
    if ((column.type.is_numeric() || column.type.is_temporal()) && !is_id(table, column)) out.push_back(column);
  return out;
}

bool is_told(const ColumnRange& range) {
  if (!range.codes.empty()) return range.codes.size() <= ColumnRange::kCodesMax && std::ranges::all_of(range.codes, is_plain);
  return is_plain(range.least) && is_plain(range.greatest);
}

}  // namespace sluice
