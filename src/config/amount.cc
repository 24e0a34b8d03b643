#include "config/amount.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "base/text.h"

namespace sluice {
namespace {

/// Splits "1.5 GB" and multiplies; `units` maps lower-case suffixes to factors.
Result<std::int64_t> with_unit(std::string_view given, std::span<const std::pair<std::string_view, double>> units, const std::string& hint) {
  const std::string text = to_lower(trim(given));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const Error wrong{ErrorKind::input, "E0705", "not an amount that Sluice understands", hint};
  if (error != std::errc{} || !(value >= 0)) return wrong;
  const std::string_view suffix = trim(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  for (const auto& [unit, factor] : units) {
    if (unit != suffix) continue;
    if (value * factor > 9e18) return wrong;
    return std::llround(value * factor);
  }
  return wrong;
}

}  // namespace

Result<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return Error{ErrorKind::input, "E0703", "not a whole number of 0 or more", "write digits only, for example 100000"};
  return value;
}

Result<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return Error{ErrorKind::input, "E0703", "not a number", "write digits, with a point where it has a fraction, for example 0.2"};
  return value;
}

Result<std::int64_t> parse_seconds(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  TRY(std::int64_t seconds, with_unit(text, kUnits, "write seconds, or a number with s, m, h or d: 90s, 30m, 2h, 1d"));
  constexpr std::int64_t kYears = 10LL * 366 * 86400;
  if (seconds > kYears) return Error{ErrorKind::input, "E0705", "longer than ten years", "write a shorter time"};
  return seconds;
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 11> kUnits{{{"", 1},
                                                                               {"b", 1},
                                                                               {"kb", 1e3},
                                                                               {"mb", 1e6},
                                                                               {"gb", 1e9},
                                                                               {"tb", 1e12},
                                                                               {"pb", 1e15},
                                                                               {"kib", 1024.0},
                                                                               {"mib", 1048576.0},
                                                                               {"gib", 1073741824.0},
                                                                               {"tib", 1099511627776.0}}};
  return with_unit(text, kUnits, "write bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB: 100MB, 1.5 GB");
}

Result<std::int64_t> seconds_with_unit(std::string_view text) {
  TRY(const std::int64_t seconds, parse_seconds(text));
  if (std::isalpha(static_cast<unsigned char>(trim(text).back())) == 0)
    return Error{ErrorKind::input, "E0705", "a number without a unit", "write a number and a unit: 90s, 30m, 2h or 1d"};
  return seconds;
}

}  // namespace sluice
