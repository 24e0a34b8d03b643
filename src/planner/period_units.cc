#include "planner/period_units.h"

#include <algorithm>

#include "planner/resolve.h"
#include "planner/shape_error.h"

namespace sluice::planner {
namespace {

using plan::Fn;

struct Unit {
  const char* name;
  Role role;
  Fn fn;
};
constexpr Unit kUnits[] = {{"year", Role::year, Fn::year},          {"quarter", Role::quarter, Fn::trunc_quarter},
                           {"month", Role::month, Fn::trunc_month}, {"week", Role::week, Fn::trunc_week},
                           {"day", Role::day, Fn::trunc_day},       {"weekday", Role::weekday, Fn::weekday},
                           {"hour", Role::hour, Fn::hour}};

}  // namespace

Result<std::vector<plan::Named>> period_groups(const Known& known, Rows& rows, const Quantity& period) {
  const Link& link = period.noun.links.front();
  TRY(plan::Expr column, rows.column(rows.root(), link));
  if (known.is_date_as_text(link))
    return Error{ErrorKind::unanswerable, "E0606",
                 "\"" + known.column(link).name + "\" is text, so that there are no groups by its days, months or years",
                 "make it a date in a view: CAST(" + known.column(link).name + " AS date)", 0};
  const auto* unit = std::ranges::find(kUnits, period.period.value_or(Role::day), &Unit::role);
  if (!known.column(link).type.is_temporal()) {
    if (period.period == Role::quarter || period.period == Role::week || period.period == Role::weekday) {
      TRY(const Place place, rows.reach(rows.root(), link.table));
      auto date = date_of_numbers(known, place.alias, link, *period.period);
      if (!date) return shape_error("\"" + known.column(link).name + "\" has no date to tell a " + unit->name + " by", "group by another column");
      return std::vector<plan::Named>{{unit->name, plan::call(unit->fn, {*std::move(date)})}};
    }
    std::vector<plan::Named> out{{known.column(link).name, std::move(column)}};
    for (const Role part : {Role::month, Role::day}) {
      if (period.period != Role::day && period.period != part) continue;
      const auto beside = number_beside(known, link, part);
      if (!beside) continue;  // a column of months alone
      Link other = link;
      other.column = *beside;
      TRY(plan::Expr value, rows.column(rows.root(), other));
      out.push_back({known.column(other).name, std::move(value)});
    }
    return out;
  }
  return std::vector<plan::Named>{{unit->name, plan::call(unit->fn, {std::move(column)})}};
}

}  // namespace sluice::planner
