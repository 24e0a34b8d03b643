#include "agents/range_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include "agents/confidential.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kMidnight = " 00:00";
constexpr std::size_t kDate = 10, kToTheMinute = 16, kNumberMax = 12;

bool is_timestamp(std::string_view value) {
  return value.size() >= kToTheMinute && value[4] == '-' && value[7] == '-' && value[kDate] == ' ' && value[13] == ':';
}

template <class Number>
std::optional<Number> parsed(const std::string& value) {
  Number number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return number;
}

/// A fraction of many digits is rounded: nobody asks for the last ones of a range.
std::string short_number(const std::string& value) {
  if (value.size() <= kNumberMax || value.find('.') == std::string::npos) return value;
  const auto number = parsed<double>(value);
  char rounded[kNumberMax * 2];
  return number && std::snprintf(rounded, sizeof rounded, "%.6g", *number) > 0 ? rounded : value;
}

/// Times to the minute, and without the time where both are at midnight.
std::string ends_text(const std::string& least, const std::string& greatest, std::string_view between) {
  if (!is_timestamp(least) || !is_timestamp(greatest)) return short_number(least) + std::string(between) + short_number(greatest);
  const auto midnight = [](const std::string& value) { return value.substr(kDate, kMidnight.size()) == kMidnight; };
  const std::size_t size = midnight(least) && midnight(greatest) ? kDate : kToTheMinute;
  return least.substr(0, size) + std::string(between) + greatest.substr(0, size);
}

/// The codes ascend. The ends may lie further apart than a signed number can tell.
bool is_run(const std::vector<std::string>& codes) {
  const auto first = parsed<std::int64_t>(codes.front()), last = parsed<std::int64_t>(codes.back());
  return codes.size() > kRunMax && first && last && static_cast<std::uint64_t>(*last) - static_cast<std::uint64_t>(*first) == codes.size() - 1;
}

bool may_be_seen(const ColumnRange& range) {
  if (is_confidential_name(range.column) || is_personal_name(range.column)) return false;
  return !is_confidential_value(range.least) && !is_confidential_value(range.greatest) && std::ranges::none_of(range.codes, is_confidential_value);
}

}  // namespace

std::string range_text(const ColumnRange& range) {
  if (!is_told(range) || !may_be_seen(range)) return "";
  const std::string lead = range.complete ? "" : "e.g. from ";
  if (range.codes.empty() && range.least != range.greatest) return lead + ends_text(range.least, range.greatest, " to ");
  if (!range.codes.empty() && is_run(range.codes)) return lead + ends_text(range.codes.front(), range.codes.back(), " to ");
  return (range.complete ? "all values: " : "e.g. ") + (range.codes.empty() ? range.least : join(range.codes, ", "));
}

}  // namespace sluice
