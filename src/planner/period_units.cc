#include "planner/period_units.h"

#include <algorithm>

#include "planner/resolve.h"

namespace sluice::planner {
namespace {

using plan::Fn;

struct Unit {
  Role role;
  const char* name;
  Fn fn;
};
constexpr Unit kUnits[] = {{Role::year, "year", Fn::year},          {Role::quarter, "quarter", Fn::trunc_quarter},
                           {Role::month, "month", Fn::trunc_month}, {Role::week, "week", Fn::trunc_week},
                           {Role::day, "day", Fn::trunc_day},       {Role::weekday, "weekday", Fn::weekday},
                           {Role::hour, "hour", Fn::hour}};

}  // namespace

Result<std::vector<plan::Named>> period_groups(const Known& known, Rows& rows, const Quantity& period) {
  const Link& link = period.noun.links.front();
  TRY(plan::Expr column, rows.column(rows.root(), link));
  if (!known.column(link).type.is_temporal()) {
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
  const auto* unit = std::ranges::find(kUnits, period.period.value_or(Role::day), &Unit::role);
  return std::vector<plan::Named>{{unit->name, plan::call(unit->fn, {std::move(column)})}};
}

}  // namespace sluice::planner
