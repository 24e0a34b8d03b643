#include <algorithm>

#include "planner/rules/periods.h"

namespace sluice::planner {
namespace {

constexpr double kPlain = 0.05, kPlainBeside = 0.1, kEvent = -0.05;
constexpr std::size_t kDatesMax = 8;
/// How words end that say what happened to something.
constexpr std::string_view kEvents = "ed";

/// A date, or a stretch of time that has dates.
bool dated(const Period& period) { return period.has_dates(); }
double cost_of_plain(const Period& period) { return period.plain ? kPlain : 0; }

void in(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  if (!period.boundary && !period.excluded) say_when(out, parts, period, cost_of_plain(period));
}
void since(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (!period.from.empty() && !period.excluded) say_when(out, parts, {.from = period.from}, cost_of_plain(period));
}
void after(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (!period.to.empty() && !period.excluded) say_when(out, parts, {.from = period.to}, cost_of_plain(period));
}
void before(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (!period.from.empty() && !period.excluded) say_when(out, parts, {.to = period.from}, cost_of_plain(period));
}
void or_later(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  if (!period.from.empty() && period.unit == Role::none) say_when(out, parts, {.from = period.from}, cost_of_plain(period));
}
void or_earlier(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  if (!period.to.empty() && period.unit == Role::none) say_when(out, parts, {.to = period.to}, cost_of_plain(period));
}

/// "from March to May 2013": the year is said once, at the end.
Period with_year_of(const Period& month, const Period& last) {
  if (dated(month) || month.month == 0 || !dated(last) || last.from.empty()) return month;
  const auto end = day_of(last.from);
  if (!end) return month;
  const int year = static_cast<int>(std::chrono::year_month_day(*end).year());
  const auto from = day_of(year, month.month, 1);
  return from && *from <= *end ? Period{.from = iso_of(*from), .to = iso_of(later(*from, Role::month, month.month_to - month.month + 1))} : month;
}

void from_to(RuleOutput& out, Parts parts, const Item& first, const Item& last, double cost) {
  const Period from = with_year_of(first.as<Period>(), last.as<Period>());
  const auto& to = last.as<Period>();
  if (dated(from) && dated(to) && !from.excluded) {
    const std::string& end = to.excluded ? to.from : to.to;
    if (from.from < end) say_when(out, parts, {.from = from.from, .to = end}, cost);
    return;
  }
  const bool months = !dated(from) && !dated(to) && from.month != 0 && to.month != 0 && !from.excluded && !to.excluded;
  if (months && from.month <= to.month) say_when(out, parts, {.month = from.month, .month_to = to.month_to}, cost);
}
void between(RuleOutput& out, Parts parts) { from_to(out, parts, *parts[1], *parts[3], 0); }
void up_to(RuleOutput& out, Parts parts) { from_to(out, parts, *parts[0], *parts[2], 0); }
void since_up_to(RuleOutput& out, Parts parts) { from_to(out, parts, *parts[1], *parts[3], 0); }

/// "in January and March 2013": the year is said once, at the end.
void and_last(RuleOutput& out, Parts parts) {
  const auto &first = parts[0]->as<Period>(), &last = parts[2]->as<Period>();
  const Period from = with_year_of(first, last);
  if (dated(first) || !dated(from)) return;
  Condition either{.kind = Condition::Kind::all};
  for (const Period& one : {from, last}) {
    Condition part{.kind = Condition::Kind::period, .period = one};
    part.begin = parts.front()->begin;
    part.end = parts.back()->end;
    either.parts.push_back(condition_of(std::move(part)));
  }
  out.add(Cat::condition, condition_of(std::move(either)), 0);
}

/// "order date in 1997": the date is named.
void of_quantity(RuleOutput& out, Parts parts) {
  const auto& quantity = parts[0]->as<Quantity>();
  const auto& condition = *parts[1]->as<ConditionPtr>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || condition.kind != Condition::Kind::period || condition.what) return;
  Condition one = condition;
  one.what = quantity;
  out.add(Cat::condition, condition_of(std::move(one)), 0);
}

/// "shipped in March", where "shipped" is also a status, or like a name: what happened then, and not what became of it.
void event(RuleOutput& out, Parts parts) {
  const auto& word = parts[0]->as<Noun>();
  const auto& condition = *parts[1]->as<ConditionPtr>();
  if (condition.kind != Condition::Kind::period || condition.what || word.end != word.begin + 1) return;
  if (!out.words[word.begin].lower.ends_with(kEvents)) return;
  Noun dates{.begin = word.begin, .end = word.end};
  for (std::size_t t = 0; t < out.known.catalog.tables.size() && dates.links.size() < kDatesMax; ++t) {
    const auto& columns = out.known.catalog.tables[t].columns;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto says = [&](const std::string& piece) { return out.known.lexicon.says_when(out.words[word.begin], piece); };
      if (columns[c].type.is_temporal() && std::ranges::any_of(name_pieces(columns[c].name), says))
        dates.links.push_back({Link::Kind::column, static_cast<int>(t), static_cast<int>(c), 1, ""});
    }
  }
  if (dates.links.empty()) return;
  Condition one = condition;
  one.what = Quantity{.noun = std::move(dates)};
  one.begin = word.begin;
  out.add(Cat::condition, condition_of(std::move(one)), kEvent);
}

/// "today's balance", "last month's orders"
void before_set(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  if (period.plain || period.boundary || period.excluded || !dated(period)) return;
  Condition condition{.kind = Condition::Kind::period, .period = period};
  condition.begin = parts[0]->begin;
  condition.end = parts[0]->end;
  restrict_set(out, *parts[1]->as<SetPtr>(), condition_of(std::move(condition)), kPlainBeside);
}

}  // namespace

void say_when(RuleOutput& out, Parts parts, Period period, double cost) {
  Condition condition{.kind = Condition::Kind::period, .period = std::move(period)};
  condition.begin = parts.front()->begin;
  condition.end = parts.back()->end;
  out.add(Cat::condition, condition_of(std::move(condition)), cost);
}

std::vector<Rule> when_rules() {
  const Symbol period = sym(Cat::period), then = role(Role::conjunction);
  return {{"in", {period}, true, in},
          {"since", {role(Role::since), period}, true, since},
          {"after", {role(Role::after), period}, true, after},
          {"before", {role(Role::before), period}, true, before},
          {"or later", {period, role(Role::or_more)}, true, or_later},
          {"or earlier", {period, role(Role::or_less)}, true, or_earlier},
          {"between", {role(Role::between), period, then, period}, true, between},
          {"from to", {period, role(Role::up_to), period}, true, up_to},
          {"since, up to", {role(Role::since), period, role(Role::up_to), period}, true, since_up_to},
          {"and the last", {period, then, period}, true, and_last},
          {"period of a date", {sym(Cat::quantity), sym(Cat::condition)}, true, of_quantity},
          {"event", {sym(Cat::value), sym(Cat::condition)}, true, event},
          {"event like a name", {sym(Cat::noun), sym(Cat::condition)}, true, event},
          {"period before", {period, sym(Cat::set)}, false, before_set}};
}

}  // namespace sluice::planner
