#include "planner/alike.h"

#include <algorithm>

#include "planner/meaning_key.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;
using plan::Fn;

constexpr std::int64_t kYearMin = 1000, kYearMax = 2999;

ConditionPtr made(Condition condition) { return std::make_shared<const Condition>(std::move(condition)); }

bool same_column(const Link& a, const Link& b) { return a.table == b.table && a.column == b.column; }

/// The column that a decided condition is about.
const Link* column_of(const Condition& condition) {
  if (condition.kind == Kind::value && !condition.value.links.empty()) return &condition.value.links.front();
  const bool about = condition.kind == Kind::compare || condition.kind == Kind::present || condition.kind == Kind::period;
  const bool plain = about && condition.what && condition.what->kind == Quantity::Kind::column && !condition.what->fn;
  return plain && !condition.what->noun.links.empty() ? &condition.what->noun.links.front() : nullptr;
}

bool lower_end(Fn fn) { return fn == Fn::gt || fn == Fn::ge; }
bool upper_end(Fn fn) { return fn == Fn::lt || fn == Fn::le; }
/// "above 5" and "below 10" hold together; so does "not 7" with either.
bool hold_together(const Condition& a, const Condition& b) {
  if (a.kind != b.kind || (a.kind != Kind::compare && a.kind != Kind::count)) return false;
  return (lower_end(a.fn) && upper_end(b.fn)) || (upper_end(a.fn) && lower_end(b.fn)) || b.fn == Fn::ne;
}

/// The later condition's links narrowed to the column.
std::optional<Noun> narrowed(const Noun& noun, const Link& column) {
  Noun out = noun;
  std::erase_if(out.links, [&](const Link& link) { return !same_column(link, column); });
  return out.links.empty() ? std::nullopt : std::optional(std::move(out));
}

bool later_by_a_year(const Period& period) {
  const auto from = day_of(period.from), to = day_of(period.to);
  return from && to && start_of(Role::year, *from) == *from && planner::later(*from, Role::year, 1) == *to;
}

/// The year that the period is, or lies within; 0 for others.
int year_of(const Period& period) {
  const auto from = day_of(period.from), to = day_of(period.to);
  if (!from || !to) return 0;
  const std::chrono::year_month_day first(*from), last(*to - std::chrono::days(1));
  return first.year() == last.year() ? static_cast<int>(first.year()) : 0;
}

/// "over 60", then "over 30": of the same column. Another kind of comparison would be a guess.
std::optional<ConditionPtr> number_in_place(const Condition& earlier, const Condition& later) {
  const bool alike = earlier.kind == Kind::compare || earlier.kind == Kind::count;
  if (later.kind != Kind::compare || !alike || earlier.fn != later.fn || earlier.operands.empty() || later.operands.empty()) return std::nullopt;
  if (earlier.operands.front().type != later.operands.front().type) return std::nullopt;
  Condition out = earlier;
  out.operands = later.operands;
  return made(std::move(out));
}

std::optional<ConditionPtr> period_in_place(const Condition& earlier, const Condition& later) {
  if (!earlier.what) return std::nullopt;
  const Link& column = earlier.what->noun.links.front();
  if (later.what && !narrowed(later.what->noun, column)) return std::nullopt;
  const Period &before = earlier.period, &after = later.period;
  Condition out = later;
  out.what = earlier.what;
  // "in 2013" and "in March" narrow each other, as do "since 2012" and "before 2014"; "since 2012" gives way to "in 2013".
  if (before.has_dates() && after.has_dates()) {
    const bool ends = (before.to.empty() && after.from.empty()) || (before.from.empty() && after.to.empty());
    return ends ? std::nullopt : std::optional(made(std::move(out)));
  }
  if (!before.has_dates() && !after.has_dates()) return made(std::move(out));
  const int year = year_of(before);
  const bool whole_year = year != 0 && later_by_a_year(before);
  if (after.has_dates() || year == 0 || whole_year || after.month == 0 || after.month != after.month_to) return std::nullopt;
  // "March 2013" and then "April": of that year.
  const Day first = *day_of(year, after.month, 1);
  out.period = {.from = iso_of(first), .to = iso_of(planner::later(first, Role::month, 1))};
  return made(std::move(out));
}

/// "model year is 1970", then "1971": a number that is a year.
std::optional<ConditionPtr> year_in_place(const Known& known, const Condition& earlier, const Condition& later) {
  const int year = later_by_a_year(later.period) ? year_of(later.period) : 0;
  if (later.what || year == 0 || earlier.fn != Fn::eq || earlier.operands.size() != 1) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&earlier.operands.front().value);
  const Link* column = column_of(earlier);
  if (number == nullptr || column == nullptr || *number < kYearMin || *number > kYearMax || !known.column(*column).type.is_numeric())
    return std::nullopt;
  Condition out = earlier;
  out.operands = {plan::Literal{TypeKind::integer, Value{std::int64_t{year}}}};
  out.begin = later.begin;
  out.end = later.end;
  return made(std::move(out));
}

std::optional<ConditionPtr> joined_in_place(const Known& known, const ConditionPtr& earlier, const Condition& later) {
  Condition out = later;
  for (ConditionPtr& part : out.parts) {
    const auto one = in_place_of(known, earlier, part);
    if (!one) return std::nullopt;
    part = *one;
  }
  return made(std::move(out));
}

bool same_set(const SetPtr& a, const SetPtr& b) { return a != nullptr && b != nullptr && a->table == b->table && a->column == b->column; }

}  // namespace

std::optional<ConditionPtr> in_place_of(const Known& known, const ConditionPtr& earlier, const ConditionPtr& later) {
  const Condition &old = *earlier, &now = *later;
  if (now.kind == Kind::any) return joined_in_place(known, earlier, now);
  if (old.kind == Kind::any) {
    // "JFK or LGA" is one thing said of a column.
    std::optional<ConditionPtr> out;
    for (const ConditionPtr& part : old.parts) {
      out = in_place_of(known, part, later);
      if (!out) return std::nullopt;
    }
    return out;
  }
  if (old.kind == Kind::none && now.kind != Kind::none && old.parts.size() == 1) return in_place_of(known, old.parts.front(), later);
  if (now.kind == Kind::none && now.parts.size() == 1) {
    // What is left out later holds beside the rest, unless the same was asked for.
    if (old.kind == Kind::none) return std::nullopt;
    const auto part = in_place_of(known, earlier, now.parts.front());
    if (!part || !say_the_same(*part, earlier)) return std::nullopt;
    return made({.kind = Kind::none, .parts = {*part}});
  }
  if (now.kind == Kind::compare && !now.what) return number_in_place(old, now);
  if (hold_together(old, now)) return std::nullopt;
  if (old.kind == Kind::period && now.kind == Kind::period) return period_in_place(old, now);
  if (old.kind == Kind::compare && now.kind == Kind::period) return year_in_place(known, old, now);
  if (old.kind == Kind::count && now.kind == Kind::count) return same_set(old.set, now.set) ? std::optional(later) : std::nullopt;
  const Link* column = column_of(old);
  if (column == nullptr || old.kind == Kind::period) return std::nullopt;
  Condition out = now;
  if (now.kind == Kind::value) {
    const auto value = narrowed(now.value, *column);
    if (!value) return std::nullopt;
    out.value = *value;
    if (out.way == Condition::Way::none) out.way = old.way;
    if (now.way != Condition::Way::none && old.way != Condition::Way::none && now.way != old.way) return std::nullopt;
    return made(std::move(out));
  }
  if ((now.kind != Kind::compare && now.kind != Kind::present) || !now.what || now.what->fn || now.what->kind != Quantity::Kind::column)
    return std::nullopt;
  auto noun = narrowed(now.what->noun, *column);
  // What else the words before may have meant, they do now.
  if (!noun && old.what)
    for (const Quantity& rival : old.what->rivals)
      if (!noun && !rival.noun.links.empty()) noun = narrowed(now.what->noun, rival.noun.links.front());
  if (!noun) return std::nullopt;
  out.what->noun = *noun;
  return made(std::move(out));
}

bool say_the_same(const ConditionPtr& a, const ConditionPtr& b) {
  const auto bare = [](const ConditionPtr& condition) {
    Condition one = *condition;
    for (Link& link : one.value.links) link.score = 1;
    return key_of(Meaning{made(std::move(one))});
  };
  return bare(a) == bare(b);
}

}  // namespace sluice::planner
