#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "planner/lexicon.h"

namespace sluice::planner {

/// Days of the calendar that everybody uses. Nothing here reads a clock: "today" is always said.
using Day = std::chrono::sys_days;

/// The day of a date such as 2013-01-31; nothing where there is no such day.
std::optional<Day> day_of(std::string_view iso);
std::optional<Day> day_of(int year, int month, int day);
std::string iso_of(Day day);

/// The first day of the week (Monday), month, quarter or year that the day is in; the day itself for other units.
Day start_of(Role unit, Day day);
/// So many units later, earlier where the number is below 0; the last day of a month that is too short.
Day later(Day day, Role unit, int units);

/// A stretch of time: dates, from inclusive, to exclusive, "" where it has no end; or what comes again every year or week.
struct Period {
  std::string from{}, to{};
  int month = 0, month_to = 0;  ///< of every year, both inclusive; 0: no such thing is said
  unsigned weekdays = 0;        ///< of every week, a bit for each, Sunday's the lowest; 0: any
  Role unit = Role::none;       ///< of relative ones: "the last 3 weeks"
  bool plain = false;           ///< a number or a date alone, which may mean something else
  bool boundary = false;        ///< only what happened before or after it is meant: "a month ago"
  bool excluded = false;        ///< "2023-06-08 exclusive": as an end

  bool has_dates() const { return !from.empty() || !to.empty(); }
  bool operator==(const Period&) const = default;
};

/// How fine a column has to be to tell whether something is in a period: a year, a month, a day (by the number of months or days), a weekday.
Role finest_unit(const Period& period);

/// A date that is written with slashes, as 2013-03-15; nothing where the day could be the month.
std::optional<std::string> date_of_slashes(std::string_view text);

}  // namespace sluice::planner
