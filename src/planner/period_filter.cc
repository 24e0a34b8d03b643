#include "planner/period_filter.h"

#include <algorithm>

#include "planner/resolve.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

constexpr int kDaysOfWeek = 7;

Expr all_of(std::vector<Expr> parts, Fn fn = Fn::logical_and) {
  return parts.size() == 1 ? std::move(parts.front()) : plan::call(fn, std::move(parts));
}

Error no_dates(const Column& column) {
  return {ErrorKind::unanswerable, "E0606", "\"" + column.name + "\" cannot tell whether something is in the period", "name a date column", 0};
}

Expr months_filter(Expr month, const Period& period) {
  if (period.month == period.month_to) return plan::call(Fn::eq, {std::move(month), plan::integer(period.month)});
  return plan::call(Fn::between, {std::move(month), plan::integer(period.month), plan::integer(period.month_to)});
}

Expr on_dates(const Expr& column, const Period& period) {
  std::vector<Expr> all;
  if (period.month != 0) all.push_back(months_filter(plan::call(Fn::month, {column}), period));
  if (period.weekdays != 0) {
    std::vector<Expr> days{plan::call(Fn::weekday, {column})};
    for (int day = 0; day < kDaysOfWeek; ++day)
      if ((period.weekdays >> day & 1U) != 0) days.push_back(plan::integer(day));
    all.push_back(plan::call(days.size() == 2 ? Fn::eq : Fn::in, std::move(days)));
  }
  if (!period.from.empty()) all.push_back(plan::call(Fn::ge, {column, plan::date(period.from)}));
  if (!period.to.empty()) all.push_back(plan::call(Fn::lt, {column, plan::date(period.to)}));
  return all_of(std::move(all));
}

/// Dates that are text compare as such; more than that they don't tell. `sampled`: other values may be no dates; what has only one bound would take
/// them for later or earlier ones.
Result<Expr> on_text(const Column& kind, const Expr& column, const Period& period, bool sampled) {
  constexpr std::string_view kIsoDate = "____-__-__%";
  if (period.month != 0 || period.weekdays != 0 || !period.has_dates())
    return Error{ErrorKind::unanswerable, "E0606", "\"" + kind.name + "\" is text, and tells neither months nor weekdays of any year",
                 "say the year too, or make it a date in a view: CAST(" + kind.name + " AS date)", 0};
  std::vector<Expr> all;
  if (!period.from.empty()) all.push_back(plan::call(Fn::ge, {column, plan::text(period.from)}));
  if (!period.to.empty()) all.push_back(plan::call(Fn::lt, {column, plan::text(period.to)}));
  if (sampled && all.size() == 1) all.push_back(plan::call(Fn::like, {column, plan::text(std::string(kIsoDate))}));
  return all_of(std::move(all));
}

/// A date of three columns, the largest unit first.
struct Numbers {
  std::vector<Expr> columns{};
  bool years_are_text = false;

  Expr number(std::size_t place, int value) const { return place == 0 && years_are_text ? plan::text(std::to_string(value)) : plan::integer(value); }

  /// Whether the columns from `place` on are at or after what is said, or before it.
  Expr compared(const std::vector<int>& values, std::size_t place, bool before) const {
    const Expr& column = columns[place];
    const Expr value = number(place, values[place]);
    // Of the first day of the first month nothing is left to compare.
    bool rest = place + 1 < columns.size();
    if (rest) rest = std::ranges::any_of(values.begin() + static_cast<std::ptrdiff_t>(place) + 1, values.end(), [](int one) { return one != 1; });
    if (!rest) return plan::call(before ? Fn::lt : Fn::ge, {column, value});
    return plan::call(Fn::logical_or, {plan::call(before ? Fn::lt : Fn::gt, {column, value}),
                                       plan::call(Fn::logical_and, {plan::call(Fn::eq, {column, value}), compared(values, place + 1, before)})});
  }
};

std::vector<int> values_of(Day day) {
  const std::chrono::year_month_day one{day};
  return {static_cast<int>(one.year()), static_cast<int>(static_cast<unsigned>(one.month())), static_cast<int>(static_cast<unsigned>(one.day()))};
}

/// "in 2013", "in March 2013", "on March 5th, 2013": each column has one value.
std::optional<Expr> one_unit(const Numbers& numbers, Day from, Day to) {
  constexpr Role kBySize[] = {Role::year, Role::month, Role::day};
  const auto values = values_of(from);
  for (std::size_t n = 0; n < numbers.columns.size(); ++n) {
    if (later(from, kBySize[n], 1) != to || start_of(kBySize[n], from) != from) continue;
    std::vector<Expr> all;
    for (std::size_t i = 0; i <= n; ++i) all.push_back(plan::call(Fn::eq, {numbers.columns[i], numbers.number(i, values[i])}));
    return all_of(std::move(all));
  }
  return std::nullopt;
}

/// "from March to May 2013": months of one year.
std::optional<Expr> months_of_one_year(const Numbers& numbers, Day from, Day to) {
  const auto first = values_of(from), last = values_of(later(to, Role::day, -1));
  if (numbers.columns.size() != 2 || first[0] != last[0] || start_of(Role::month, to) != to) return std::nullopt;
  return all_of({plan::call(Fn::eq, {numbers.columns[0], numbers.number(0, first[0])}),
                 plan::call(Fn::between, {numbers.columns[1], plan::integer(first[1]), plan::integer(last[1])})});
}

Result<Expr> on_numbers(const Known& known, const std::string& alias, const Link& link, const Expr& column, const Period& period) {
  const Column& kind = known.column(link);
  if (period.weekdays != 0) {
    const auto date = date_of_numbers(known, alias, link, Role::weekday);
    return date ? Result<Expr>(on_dates(*date, period)) : Result<Expr>(no_dates(kind));
  }
  if (!period.has_dates()) return period.month != 0 ? Result<Expr>(months_filter(column, period)) : Result<Expr>(no_dates(kind));
  Numbers numbers{{column}, kind.type.kind == TypeKind::text};
  const Role finest = finest_unit(period);
  for (const Role unit : {Role::month, Role::day}) {
    if (finest == Role::year || (finest == Role::month && unit == Role::day)) break;
    const auto beside = number_beside(known, link, unit);
    if (!beside) return no_dates(kind);
    numbers.columns.push_back(plan::column(alias, known.column(link.table, *beside).name));
  }
  const auto from = day_of(period.from), to = day_of(period.to);
  if (from && to)
    for (const auto way : {one_unit, months_of_one_year})
      if (auto one = way(numbers, *from, *to)) return *std::move(one);
  std::vector<Expr> all;
  if (from) all.push_back(numbers.compared(values_of(*from), 0, false));
  if (to) all.push_back(numbers.compared(values_of(*to), 0, true));
  return all_of(std::move(all));
}

}  // namespace

Result<Expr> period_filter(const Known& known, const std::string& alias, const Link& link, const Expr& column, const Period& period) {
  if (known.column(link).type.is_temporal()) return on_dates(column, period);
  if (known.is_date_as_text(link)) return on_text(known.column(link), column, period, known.is_sampled_date(link));
  return on_numbers(known, alias, link, column, period);
}

}  // namespace sluice::planner
