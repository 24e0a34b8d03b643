#include "planner/rules/periods.h"

namespace sluice::planner {
namespace {

using plan::Literal;

constexpr std::int64_t kYearMin = 1000, kYearMax = 2999, kDaysMax = 31, kYearsOfDecade = 10;
constexpr int kMonthsOfQuarter = 3;

std::int64_t number_in(const Item& item) {
  const auto& literal = item.as<Literal>();
  return literal.type == TypeKind::integer ? std::get<std::int64_t>(literal.value) : -1;
}

int year_in(const Item& item) {
  const std::int64_t value = number_in(item);
  return value >= kYearMin && value <= kYearMax ? static_cast<int>(value) : 0;
}

bool is_role(const Item& item, Role role) { return item.cat == Cat::role && item.role == role; }

const Item* part_with(Parts parts, Role role) {
  for (const Item* part : parts)
    if (is_role(*part, role)) return part;
  return nullptr;
}

/// The words between the parts only hold them together: "5th of March", but not "in May, show 2013".
bool tight(const RuleOutput& out, Parts parts) {
  for (std::size_t i = 1; i < parts.size(); ++i)
    if (out.gap_before(i) > 2) return false;
  return true;
}

Period stretch(Day from, Day to) { return {.from = iso_of(from), .to = iso_of(to)}; }

void year(RuleOutput& out, Parts parts) {
  const int year = year_in(*parts.back());
  if (year == 0) return;
  const Day first = *day_of(year, 1, 1);
  Period period = stretch(first, later(first, Role::year, 1));
  period.plain = parts.size() == 1;
  out.add(Cat::period, std::move(period), 0);
}

void date(RuleOutput& out, Parts parts) {
  const auto& literal = parts[0]->as<Literal>();
  if (literal.type != TypeKind::date && literal.type != TypeKind::text) return;
  const auto day = day_of(std::get<std::string>(literal.value));
  if (!day) return;
  Period period = stretch(*day, later(*day, Role::day, 1));
  period.plain = true;
  out.add(Cat::period, std::move(period), 0);
}

/// "March", "the first quarter": of whatever year, where none is said.
void months(RuleOutput& out, Parts parts, Role unit) {
  const Item* name = part_with(parts, unit == Role::month ? Role::month_name : Role::quarter_name);
  const int number = static_cast<int>(number_in(*name)), each = unit == Role::month ? 1 : kMonthsOfQuarter;
  const int first = (number - 1) * each + 1;
  if (parts.size() == 1) return out.add(Cat::period, Period{.month = first, .month_to = first + each - 1}, 0);
  const int year = year_in(parts.front() == name ? *parts.back() : *parts.front());
  if (year == 0 || !tight(out, parts)) return;
  const Day begin = *day_of(year, first, 1);
  out.add(Cat::period, stretch(begin, later(begin, unit, 1)), 0);
}
void month(RuleOutput& out, Parts parts) { months(out, parts, Role::month); }
void quarter(RuleOutput& out, Parts parts) { months(out, parts, Role::quarter); }

/// "March 5th, 2013", "5 March 2013"
void day_of_month(RuleOutput& out, Parts parts) {
  const Item *name = part_with(parts, Role::month_name), *day = part_with(parts, Role::day_number), *year = parts.back();
  for (const Item* part : parts)
    if (day == nullptr && part->cat == Cat::literal && part != year) day = part;
  if (day == nullptr || year_in(*year) == 0 || number_in(*day) < 1 || number_in(*day) > kDaysMax || !tight(out, parts)) return;
  const auto one = day_of(year_in(*year), static_cast<int>(number_in(*name)), static_cast<int>(number_in(*day)));
  if (one) out.add(Cat::period, stretch(*one, later(*one, Role::day, 1)), 0);
}

void decade(RuleOutput& out, Parts parts) {
  const int year = year_in(*parts[0]);
  if (year == 0 || year % kYearsOfDecade != 0) return;
  const Day first = *day_of(year, 1, 1);
  out.add(Cat::period, stretch(first, later(first, Role::year, kYearsOfDecade)), 0);
}

void weekday(RuleOutput& out, Parts parts) {
  const std::int64_t day = number_in(*parts[0]);
  if (day < 0) return;
  Period period{.weekdays = 1U << static_cast<unsigned>(day)};
  period.plain = true;
  out.add(Cat::period, std::move(period), 0);
}
constexpr unsigned kSunday = 1U, kSaturday = 1U << 6, kWorkdays = (kSaturday - 1) & ~kSunday;
void weekend(RuleOutput& out, Parts) { out.add(Cat::period, Period{.weekdays = kSunday | kSaturday}, 0); }
/// "on weekdays": those from Monday to Friday; "weekdays" alone may be all of the week.
void workdays(RuleOutput& out, Parts parts) {
  const std::size_t at = parts[0]->begin;
  const bool said = at > 0 && out.known.lexicon.says_on(out.words[at - 1]) && out.words[at].stem != out.words[at].lower;
  if (said && parts[0]->end == at + 1U) out.add(Cat::period, Period{.weekdays = kWorkdays}, 0);
}

}  // namespace

std::vector<Rule> period_rules() {
  const Symbol literal = sym(Cat::literal), name = role(Role::month_name), ordinal = role(Role::day_number), comma = role(Role::comma),
               q = role(Role::quarter_name);
  return {{"a year", {literal}, true, year},
          {"the year", {role(Role::year), literal}, true, year},
          {"a date", {literal}, true, date},
          {"a month", {name}, true, month},
          {"a month of a year", {name, literal}, true, month},
          {"a month, a year", {name, comma, literal}, false, month},
          {"a quarter", {q}, true, quarter},
          {"a quarter of a year", {q, literal}, true, quarter},
          {"a quarter of the year", {q, role(Role::year), literal}, true, quarter},
          {"a year's quarter", {literal, q}, false, quarter},
          {"March 5th 2013", {name, ordinal, literal}, true, day_of_month},
          {"March 5th, 2013", {name, ordinal, comma, literal}, true, day_of_month},
          {"March 5 2013", {name, literal, literal}, false, day_of_month},
          {"March 5, 2013", {name, literal, comma, literal}, false, day_of_month},
          {"5 March 2013", {literal, name, literal}, false, day_of_month},
          {"5th March 2013", {ordinal, name, literal}, true, day_of_month},
          {"5th March, 2013", {ordinal, name, comma, literal}, true, day_of_month},
          {"a decade", {role(Role::decade)}, true, decade},
          {"a weekday", {role(Role::weekday_name)}, true, weekday},
          {"weekends", {role(Role::weekend)}, true, weekend},
          {"on weekdays", {role(Role::weekday)}, true, workdays}};
}

}  // namespace sluice::planner
