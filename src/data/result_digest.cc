#include "data/result_digest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/hash.h"

namespace sluice {
namespace {

/// A whole number is taken exactly: ids that differ in their last digit are not the same.
std::string number(double value) {
  constexpr double kWholeMax = 9'007'199'254'740'992.0;  // 2^53: up to here a double holds every whole number
  if (value == 0) value = 0;                             // -0
  if (std::abs(value) < kWholeMax && value == std::floor(value)) return std::to_string(static_cast<std::int64_t>(value));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return text.data();
}

/// "3.00" is "3"; anything else as it is.
std::string_view without_zero_fraction(std::string_view text) {
  const auto point = text.find('.');
  return point != std::string_view::npos && text.find_first_not_of('0', point + 1) == std::string_view::npos ? text.substr(0, point) : text;
}

/// "2013-01-01 00:00:00" is the day; "1.50" of a numeric column is 1.5.
std::string text_of(const std::string& text, const Type& type) {
  constexpr std::string_view kMidnight = " 00:00:00";
  if (type.is_numeric()) {
    const std::string_view whole = without_zero_fraction(text);
    std::int64_t integer = 0;
    if (const auto [end, failed] = std::from_chars(whole.data(), whole.data() + whole.size(), integer);
        failed == std::errc() && end == whole.data() + whole.size())
      return "n" + std::to_string(integer);
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc() && end == text.data() + text.size()) return "n" + number(value);
  }
  if (type.kind == TypeKind::timestamp && text.ends_with(kMidnight)) return "t" + text.substr(0, text.size() - kMidnight.size());
  return "t" + text;
}

std::string cell(const Value& value, const Type& type) {
  if (std::holds_alternative<std::monostate>(value)) return "0";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "b1" : "b0";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return "n" + std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return "n" + number(*real);
  return text_of(std::get<std::string>(value), type);
}

/// Of texts, with their lengths, so that no two lists read the same.
std::string hash_of(const std::vector<std::string>& texts) {
  Sha256 hash;
  for (const std::string& text : texts) {
    hash.update(std::to_string(text.size()) + ":");
    hash.update(text);
  }
  return hash.finish_hex();
}

}  // namespace

std::string result_digest(const std::vector<ResultColumn>& columns, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells(columns.size());  // by column
  for (const Row& row : rows)
    for (std::size_t c = 0; c < columns.size(); ++c) cells[c].push_back(cell(row.at(c), columns[c].type));
  // Columns stand in the order of what they hold.
  std::vector<std::pair<std::string, std::size_t>> order;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    std::vector<std::string> sorted = cells[c];
    std::ranges::sort(sorted);
    order.emplace_back(hash_of(sorted), c);
  }
  std::ranges::sort(order);
  std::vector<std::string> lines;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<std::string> line;
    line.reserve(order.size());
    for (const auto& [ignored, c] : order) line.push_back(cells[c][r]);
    lines.push_back(hash_of(line));
  }
  std::ranges::sort(lines);
  lines.push_back(std::to_string(columns.size()) + " columns");
  return hash_of(lines);
}

}  // namespace sluice
