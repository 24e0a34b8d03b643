#include "eval/cell.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace sluice::eval {
namespace {

using std::chrono::microseconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits off the front; how many there were.
std::size_t skip_digits(std::string_view& text) {
  const auto count = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  text.remove_prefix(count);
  return count;
}

enum class Notation : unsigned char { none, whole, other };

/// Digits with a sign, a point and an exponent, as far as there are any: what SQL writes as a number.
Notation notation_of(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  std::size_t digits = skip_digits(text);
  if (text.empty()) return digits > 0 ? Notation::whole : Notation::none;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip_digits(text);
  }
  if (digits == 0) return Notation::none;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (skip_digits(text) == 0) return Notation::none;
  }
  return text.empty() ? Notation::other : Notation::none;
}

std::string normal_digits(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return (negative && text != "0" ? "-" : "") + std::string(text);
}

Number number_of(std::string_view text, Notation notation) {
  Number out;
  if (notation == Notation::whole) out.whole = normal_digits(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (failure == std::errc::result_out_of_range) out.value = std::strtod(std::string(text).c_str(), nullptr);
  return out;
}

/// Reads so many digits as one number, and moves on.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits), is_digit)) return std::nullopt;
  int out = 0;
  for (std::size_t i = 0; i < digits; ++i) out = out * 10 + (text[i] - '0');
  text.remove_prefix(digits);
  return out;
}

bool take(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || *year == 0) return std::nullopt;
  const auto date = std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month)) / std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// "05:00", "05:00:01" or "05:00:01.25".
std::optional<microseconds> take_time(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  microseconds out = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (!take(text, ':')) return out;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  out += std::chrono::seconds(*seconds);
  if (!take(text, '.')) return out;
  constexpr int kSecond = 1'000'000;
  int unit = kSecond / 10;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), unit /= 10) out += microseconds(unit * (text.front() - '0'));
  return out;
}

/// What a zone at the end is ahead of UTC; 0 for no zone.
std::optional<microseconds> take_zone(std::string_view& text) {
  if (text.empty()) return microseconds(0);
  if (take(text, 'Z')) return text.empty() ? std::optional(microseconds(0)) : std::nullopt;
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  take(text, ':');
  const auto minutes = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!minutes || !text.empty()) return std::nullopt;
  const microseconds ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -ahead : ahead;
}

/// A date, or a timestamp that is no midnight, as ISO text; any other text as it is.
std::string moment(std::string_view text) {
  std::string_view rest = text;
  const auto date = take_date(rest);
  if (!date) return std::string(text);
  if (rest.empty()) return std::string(text);
  if (rest.front() != ' ' && rest.front() != 'T') return std::string(text);
  rest.remove_prefix(1);
  const auto time = take_time(rest);
  const auto ahead = time ? take_zone(rest) : std::nullopt;
  if (!ahead) return std::string(text);
  const auto when = std::chrono::sys_time<microseconds>(*date) + *time - *ahead;
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day ymd(day);
  const std::chrono::hh_mm_ss clock(when - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()));
  std::string iso = out;
  if (when == day) return iso;
  std::snprintf(out, sizeof out, " %02ld:%02ld:%02ld", clock.hours().count(), clock.minutes().count(), static_cast<long>(clock.seconds().count()));
  iso += out;
  if (clock.subseconds().count() == 0) return iso;
  std::snprintf(out, sizeof out, ".%06ld", static_cast<long>(clock.subseconds().count()));
  return iso + out;
}

/// A text that has a time of day after its date.
bool looks_like_a_moment(std::string_view text) {
  return take_date(text) && (text.starts_with(' ') || text.starts_with('T')) && text.size() > 1 && is_digit(text[1]);
}

Cell text_cell(const std::string& text, TypeKind kind, Reading reading) {
  const bool numeric = kind == TypeKind::integer || kind == TypeKind::decimal || kind == TypeKind::floating;
  const bool temporal = kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamptz;
  if (temporal) return moment(text);
  if (numeric || reading == Reading::loose)
    if (const Notation notation = notation_of(text); notation != Notation::none) return number_of(text, notation);
  if (reading == Reading::loose && looks_like_a_moment(text)) return moment(text);
  return text;
}

}  // namespace

Cell cell_of(const Json& value, TypeKind kind, Reading reading) {
  if (const bool* flag = value.as_bool()) return Number{*flag ? 1.0 : 0.0, *flag ? "1" : "0"};
  if (const auto* whole = value.as_int()) return Number{static_cast<double>(*whole), std::to_string(*whole)};
  if (const double* real = value.as_double()) return std::isfinite(*real) ? Cell(Number{*real, ""}) : Cell(std::string(nonfinite_text(*real)));
  if (const std::string* text = value.as_string()) return text_cell(*text, kind, reading);
  if (value.is_null()) return std::monostate();
  return value.dump_text();
}

bool same_cell(const Cell& a, const Cell& b) {
  const auto *x = std::get_if<Number>(&a), *y = std::get_if<Number>(&b);
  if (x == nullptr || y == nullptr) {
    if (x != nullptr || y != nullptr || a.index() != b.index()) return false;
    return std::holds_alternative<std::monostate>(a) || std::get<std::string>(a) == std::get<std::string>(b);
  }
  if (!x->whole.empty() && !y->whole.empty()) return x->whole == y->whole;
  if (!std::isfinite(x->value) || !std::isfinite(y->value)) return x->value == y->value;
  return x->value == y->value || std::abs(x->value - y->value) <= kRelativeTolerance * std::max(std::abs(x->value), std::abs(y->value));
}

}  // namespace sluice::eval
