#include <algorithm>

#include "planner/rules/periods.h"
#include "planner/trade.h"

namespace sluice::planner {
namespace {

constexpr double kPlain = 0.05, kPlainBeside = 0.1, kEvent = -0.05, kHappened = 0.02;

/// A date, or a stretch of time that has dates.
bool dated(const Period& period) { return period.has_dates(); }
double cost_of_plain(const Period& period) { return period.plain ? kPlain : 0; }

/// "until June" is not in June.
bool follows_until(const RuleOutput& out, std::size_t begin) {
  constexpr std::size_t kBack = 6;
  for (std::size_t back = 1; back <= std::min(begin, kBack); ++back)
    for (const auto& one : out.known.lexicon.phrases_at(out.words, begin - back))
      if (one.role == Role::until && one.words == back) return true;
  return false;
}

void in(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  if (follows_until(out, parts[0]->begin)) return;
  if (!period.boundary && !period.excluded) say_when(out, parts, period, cost_of_plain(period));
}
void since(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (period.from.empty() || period.excluded) return;
  // "orders from May 1997" are those of that month, "from 1997-05-01" all since then.
  const bool one_word = parts[0]->end == parts[0]->begin + 1U;
  const auto from = day_of(period.from), to = day_of(period.to);
  const bool longer = from && to && later(*from, Role::day, 1) < *to;
  if (one_word && longer && out.known.lexicon.says_from(out.words[parts[0]->begin])) return say_when(out, parts, period, cost_of_plain(period));
  say_when(out, parts, {.from = period.from}, cost_of_plain(period));
}
void after(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (!period.to.empty() && !period.excluded) say_when(out, parts, {.from = period.to}, cost_of_plain(period));
}
void before(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (!period.from.empty() && !period.excluded) say_when(out, parts, {.to = period.from}, cost_of_plain(period));
}
/// "until June 1997", "through 1997-06-30": the month, or the day, belongs to it; "until June" of any year.
void until(RuleOutput& out, Parts parts) {
  const auto& period = parts[1]->as<Period>();
  if (period.excluded) return;
  if (!period.to.empty()) return say_when(out, parts, {.to = period.to}, cost_of_plain(period));
  if (!dated(period) && period.month != 0) say_when(out, parts, {.month = 1, .month_to = period.month_to}, 0);
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

/// Whether nothing more is said of what happened.
bool is_clause_end(const RuleOutput& out, std::size_t at) {
  if (at >= out.words.size() || out.words[at].kind == WordKind::stop || out.words[at].kind == WordKind::comma) return true;
  return out.known.lexicon.opens_clause(out.words[at]) || std::ranges::any_of(out.known.lexicon.phrases_at(out.words, at), [](const auto& one) {
           return one.role == Role::conjunction || one.role == Role::either_or;
         });
}

/// "shipped in March", where "shipped" is also a status, or like a name: what happened then, and not what became of it.
void event(RuleOutput& out, Parts parts) {
  const auto& condition = *parts[1]->as<ConditionPtr>();
  if (condition.kind != Condition::Kind::period || condition.what) return;
  // "made a purchase in 2026" is when the purchase was.
  for (std::size_t at = parts[0]->end; at < parts[1]->begin; ++at)
    if (!deals_of(out.known, out.words, at).links.empty()) return;
  Condition one = condition;
  one.what = Quantity{.noun = parts[0]->as<Noun>()};
  one.begin = parts[0]->begin;
  out.add(Cat::condition, condition_of(std::move(one)), kEvent);
}

/// "shipped or required in March": either may have happened then.
template <Condition::Kind kind>
void events(RuleOutput& out, Parts parts) {
  const auto& condition = *parts.back()->as<ConditionPtr>();
  if (condition.kind != Condition::Kind::period || condition.what) return;
  Condition all{.kind = kind};
  for (const Item* part : parts) {
    if (part->cat != Cat::event) continue;
    Condition one = condition;
    one.what = Quantity{.noun = part->as<Noun>()};
    one.begin = part->begin;
    all.parts.push_back(condition_of(std::move(one)));
  }
  out.add(Cat::condition, condition_of(std::move(all)), kEvent);
}

/// "orders that were shipped", "orders not shipped": there is a date of it, or none.
void happened(RuleOutput& out, Parts parts) {
  const Set& set = *parts.front()->as<SetPtr>();
  Quantity what{.noun = parts.back()->as<Noun>()};
  std::erase_if(what.noun.links, [&](const Link& link) { return link.table != set.table || !out.known.column(link).nullable; });
  if (set.column >= 0 || what.noun.links.empty() || !is_clause_end(out, parts.back()->end)) return;
  ConditionPtr said = condition_of({.kind = Condition::Kind::present, .what = std::move(what)});
  if (parts.size() == 3) said = condition_of({.kind = Condition::Kind::none, .parts = {std::move(said)}});
  restrict_set(out, set, said, kHappened);
}

/// Whether a column of the table has the word as a value: where a status says "paid", it says which are.
bool is_own_value(const RuleOutput& out, std::size_t at, int table) {
  constexpr double kSurely = 0.9;
  return std::ranges::any_of(out.known.schema.index.values_at(out.words, at, out.known.lexicon), [&](const Mention& one) {
    return one.size() == 1 && std::ranges::any_of(one.links, [&](const Link& link) { return link.table == table && link.score >= kSurely; });
  });
}

/// "paid invoices": those with a date of it.
void happened_before(RuleOutput& out, Parts parts) {
  const Set& set = *parts.back()->as<SetPtr>();
  Quantity what{.noun = parts.front()->as<Noun>()};
  std::erase_if(what.noun.links, [&](const Link& link) { return link.table != set.table || !out.known.column(link).nullable; });
  if (set.column >= 0 || what.noun.links.empty() || is_own_value(out, parts.front()->begin, set.table)) return;
  restrict_set(out, set, condition_of({.kind = Condition::Kind::present, .what = std::move(what)}), kHappened);
}

/// "today's balance", "last month's orders"
void before_set(RuleOutput& out, Parts parts) {
  const auto& period = parts[0]->as<Period>();
  const bool weekend = period.weekdays != 0 && !dated(period);  // "weekend payments"
  if (period.plain || period.boundary || period.excluded || (!dated(period) && !weekend)) return;
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
  const Symbol period = sym(Cat::period), then = role(Role::conjunction), happening = sym(Cat::event);
  return {{"in", {period}, true, in},
          {"since", {role(Role::since), period}, true, since},
          {"after", {role(Role::after), period}, true, after},
          {"before", {role(Role::before), period}, true, before},
          {"until", {role(Role::until), period}, true, until},
          {"or later", {period, role(Role::or_more)}, true, or_later},
          {"or earlier", {period, role(Role::or_less)}, true, or_earlier},
          {"between", {role(Role::between), period, then, period}, true, between},
          {"from to", {period, role(Role::up_to), period}, true, up_to},
          {"since, up to", {role(Role::since), period, role(Role::up_to), period}, true, since_up_to},
          {"from until", {period, role(Role::until), period}, true, up_to},
          {"since, until", {role(Role::since), period, role(Role::until), period}, true, since_up_to},
          {"and the last", {period, then, period}, true, and_last},
          {"period of a date", {sym(Cat::quantity), sym(Cat::condition)}, true, of_quantity},
          {"event", {sym(Cat::event), sym(Cat::condition)}, true, event},
          {"events or", {happening, role(Role::either_or), happening, sym(Cat::condition)}, true, events<Condition::Kind::any>},
          {"events either or",
           {role(Role::either), happening, role(Role::either_or), happening, sym(Cat::condition)},
           true,
           events<Condition::Kind::any>},
          {"events and", {happening, then, happening, sym(Cat::condition)}, true, events<Condition::Kind::all>},
          {"events both and", {role(Role::both), happening, then, happening, sym(Cat::condition)}, true, events<Condition::Kind::all>},
          {"happened", {sym(Cat::set), sym(Cat::event)}, true, happened},
          {"happened to it", {sym(Cat::event), sym(Cat::set)}, false, happened_before},
          {"did not happen", {sym(Cat::set), role(Role::negation), sym(Cat::event)}, true, happened},
          {"period before", {period, sym(Cat::set)}, false, before_set}};
}

}  // namespace sluice::planner
