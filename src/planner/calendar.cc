#include "planner/calendar.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <vector>

#include "base/text.h"

namespace sluice::planner {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::year_month_day;

constexpr int kDaysOfWeek = 7, kMonthsOfQuarter = 3;

std::optional<int> number_of(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Day> day_of(int year, int month, int day) {
  const year_month_day one{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
  return one.ok() ? std::optional(Day(one)) : std::nullopt;
}

std::optional<Day> day_of(std::string_view iso) {
  constexpr std::size_t kSize = 10;
  if (iso.size() != kSize || iso[4] != '-' || iso[7] != '-') return std::nullopt;
  const auto year = number_of(iso.substr(0, 4)), month = number_of(iso.substr(5, 2)), day = number_of(iso.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  return day_of(*year, *month, *day);
}

std::string iso_of(Day day) {
  const year_month_day one{day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(one.year()), static_cast<unsigned>(one.month()),
                static_cast<unsigned>(one.day()));
  return text;
}

Day start_of(Role unit, Day day) {
  const year_month_day one{day};
  const auto month = static_cast<unsigned>(one.month());
  switch (unit) {
    case Role::week: return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case Role::month: return Day(one.year() / one.month() / 1);
    case Role::quarter: return Day(one.year() / static_cast<int>((month - 1) / kMonthsOfQuarter * kMonthsOfQuarter + 1) / 1);
    case Role::year: return Day(one.year() / 1 / 1);
    default: return day;
  }
}

Day later(Day day, Role unit, int units) {
  if (unit == Role::day) return day + days(units);
  if (unit == Role::week) return day + days(units * kDaysOfWeek);
  const int count = unit == Role::year ? units * 12 : unit == Role::quarter ? units * kMonthsOfQuarter : units;
  const year_month_day moved = year_month_day{day} + months(count);
  return moved.ok() ? Day(moved) : Day(moved.year() / moved.month() / std::chrono::last);
}

Role finest_unit(const Period& period) {
  if (period.weekdays != 0) return Role::weekday;
  if (!period.has_dates()) return Role::month;
  Role out = Role::year;
  for (const std::string& date : {period.from, period.to}) {
    if (date.empty()) continue;
    if (!date.ends_with("-01")) return Role::day;
    if (!date.ends_with("-01-01")) out = Role::month;
  }
  return out;
}

std::optional<std::string> date_of_slashes(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 3 || parts[2].size() != 4) return std::nullopt;
  const auto first = number_of(parts[0]), second = number_of(parts[1]), year = number_of(parts[2]);
  constexpr int kMonths = 12;
  if (!first || !second || !year || *first < 1 || *second < 1) return std::nullopt;
  if (*first <= kMonths && *second <= kMonths && *first != *second) return std::nullopt;
  const bool month_first = *first <= kMonths;
  const auto day = month_first ? day_of(*year, *first, *second) : day_of(*year, *second, *first);
  return day ? std::optional(iso_of(*day)) : std::nullopt;
}

}  // namespace sluice::planner
