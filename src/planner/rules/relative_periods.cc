#include "planner/rules/periods.h"

namespace sluice::planner {
namespace {

using plan::Literal;

constexpr std::int64_t kUnitsMax = 10'000;

/// How many units are said; 0 where that is no such number.
int count_in(const Item& item) {
  const auto& literal = item.as<Literal>();
  if (literal.type != TypeKind::integer) return 0;
  const auto count = std::get<std::int64_t>(literal.value);
  return count >= 1 && count <= kUnitsMax ? static_cast<int>(count) : 0;
}

void add(RuleOutput& out, Day from, Day to, Role unit, bool boundary = false) {
  out.add(Cat::period, Period{.from = iso_of(from), .to = iso_of(to), .unit = unit, .boundary = boundary}, 0);
}

Day tomorrow(Day today) { return later(today, Role::day, 1); }

template <int days>
void day_from_today(RuleOutput& out, Parts) {
  if (!out.known.today) return;
  const Day day = later(*out.known.today, Role::day, days);
  add(out, day, tomorrow(day), Role::none);
}

/// "this month": so far
template <Role unit>
void current(RuleOutput& out, Parts) {
  if (!out.known.today || unit == Role::day) return;
  add(out, start_of(unit, *out.known.today), tomorrow(*out.known.today), unit);
}

/// "last month": the one of the calendar before this
template <Role unit>
void whole_before(RuleOutput& out, Parts) {
  if (!out.known.today || unit == Role::day) return;
  const Day end = start_of(unit, *out.known.today);
  add(out, later(end, unit, -1), end, unit);
}

/// "the past month": since the same day of the month before
template <Role unit>
void up_to_now(RuleOutput& out, Parts) {
  if (out.known.today && unit != Role::day) add(out, later(*out.known.today, unit, -1), tomorrow(*out.known.today), unit);
}

/// "the last 30 days"
template <Role unit>
void several_up_to_now(RuleOutput& out, Parts parts) {
  const int count = count_in(*parts[1]);
  if (out.known.today && count > 0) add(out, later(*out.known.today, unit, -count), tomorrow(*out.known.today), unit);
}

/// "the last 3 weeks excluding the current week"
template <Role unit>
void several_whole(RuleOutput& out, Parts parts) {
  const int count = count_in(*parts[1]);
  if (!out.known.today || count == 0) return;
  const Day end = start_of(unit, *out.known.today);
  add(out, later(end, unit, -count), end, unit);
}

/// "30 days ago": a day; "3 months ago" is one only as the end of a longer time.
template <Role unit>
void ago(RuleOutput& out, Parts parts) {
  const int count = count_in(*parts[0]);
  if (!out.known.today || count == 0) return;
  const Day day = later(*out.known.today, unit, -count);
  add(out, day, tomorrow(day), Role::none, unit != Role::day);
}

/// "more than 30 days ago"
template <Role unit, bool longer>
void compared_ago(RuleOutput& out, Parts parts) {
  const int count = count_in(*parts[1]);
  if (!out.known.today || count == 0) return;
  const std::string day = iso_of(later(*out.known.today, unit, -count));
  say_when(out, parts, longer ? Period{.to = day} : Period{.from = day, .to = iso_of(tomorrow(*out.known.today))}, 0);
}

/// "the last 7 days inclusive of today": both ends are in it anyway.
void inclusive(RuleOutput& out, Parts parts) {
  const auto &period = parts.front()->as<Period>(), &end = parts.back()->as<Period>();
  if (period.from.empty() || end.from.empty() || period.boundary) return;
  if (end.from == period.from || end.to == period.to) out.add(Cat::period, period, 0);
}
/// "between 2023-06-01 inclusive and …"
void said_inclusive(RuleOutput& out, Parts parts) { out.add(Cat::period, parts[0]->as<Period>(), 0); }
void said_exclusive(RuleOutput& out, Parts parts) {
  Period period = parts[0]->as<Period>();
  period.excluded = true;
  out.add(Cat::period, std::move(period), 0);
}

template <Role unit>
void add_unit(std::vector<Rule>& rules) {
  const Symbol literal = sym(Cat::literal), of = role(unit), last = role(Role::relative_last), past = role(Role::relative_past),
               now = role(Role::relative_this);
  rules.push_back({"this", {now, of}, false, current<unit>});
  rules.push_back({"last", {last, of}, false, whole_before<unit>});
  rules.push_back({"past", {past, of}, false, up_to_now<unit>});
  for (const Symbol& before : {last, past}) {
    rules.push_back({"last several", {before, literal, of}, false, several_up_to_now<unit>});
    rules.push_back({"last several whole", {before, literal, of, role(Role::negation), now, of}, true, several_whole<unit>});
  }
  rules.push_back({"ago", {literal, of, role(Role::ago)}, false, ago<unit>});
  rules.push_back({"more than ago", {role(Role::greater), literal, of, role(Role::ago)}, false, compared_ago<unit, true>});
  rules.push_back({"less than ago", {role(Role::less), literal, of, role(Role::ago)}, false, compared_ago<unit, false>});
}

}  // namespace

std::vector<Rule> relative_period_rules() {
  const Symbol period = sym(Cat::period), comma = role(Role::comma), inclusive_of = role(Role::inclusive);
  std::vector<Rule> rules{
      {"today", {role(Role::today)}, true, day_from_today<0>},           {"yesterday", {role(Role::yesterday)}, true, day_from_today<-1>},
      {"inclusive of", {period, inclusive_of, period}, true, inclusive}, {", inclusive of", {period, comma, inclusive_of, period}, true, inclusive},
      {"inclusive", {period, inclusive_of}, true, said_inclusive},       {"exclusive", {period, role(Role::exclusive)}, true, said_exclusive}};
  add_unit<Role::day>(rules);
  add_unit<Role::week>(rules);
  add_unit<Role::month>(rules);
  add_unit<Role::quarter>(rules);
  add_unit<Role::year>(rules);
  return rules;
}

}  // namespace sluice::planner
