#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kBy = 0.03, kColumn = 0.12, kNamed = 0.9;

void per_set(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  // A reference that is a word says what it refers to ("UA"); a number doesn't.
  const bool column = set->column >= 0;
  const bool values = column && (out.known.column(set->table, set->column).type.kind == TypeKind::text ||
                                 out.known.schema.graph.edge_of(set->table, out.known.column(set->table, set->column).name) < 0);
  // "ordered every product" is said of all of them.
  const auto phrases = out.known.lexicon.phrases_at(out.words, parts[0]->begin);
  if (follows_verb(out, parts[0]->begin) && std::ranges::any_of(phrases, [](const auto& one) { return one.role == Role::universal; })) return;
  // Groups are named by a column as often as by a table.
  const bool by = parts[0]->role == Role::by;
  if (by && follows_verb(out, parts[0]->begin)) return;  // "owned by students"
  // "by choreographer Anton Varga" says whose, and makes no groups.
  if (column && std::ranges::any_of(set->conditions, [&](const ConditionPtr& one) {
        return one->kind == Condition::Kind::value && one->value.links.front().table == set->table && one->value.links.front().column == set->column;
      }))
    return;
  // "appointments per patient in 2023" were then, and no patient was registered.
  const auto when = [](const ConditionPtr& one) {
    return one->kind == Condition::Kind::period && one->what && one->what->noun.end == one->what->noun.begin;
  };
  if (!column && std::ranges::any_of(set->conditions, when)) return;
  // "orders by employee Davolio" are those of one, and no groups.
  const auto value = [](const ConditionPtr& one) { return one->kind == Condition::Kind::value; };
  if (by && !column && std::ranges::any_of(set->conditions, value)) return;
  const std::size_t end = parts.back()->end;
  if (by && column && end < out.words.size())
    for (const Mention& mention : out.known.schema.index.values_at(out.words, end, out.known.lexicon))
      if (std::ranges::any_of(mention.links, [&](const Link& link) { return link.table == set->table && link.column == set->column; })) return;
  // "by total amount": what rows are ranked by, and no kind of them.
  if (column && out.known.is_amount(set->noun.links.front()) && says_total(out, set->noun.begin)) return;
  // "for each guest": no number of guests.
  if (column && set->noun.links.front().score < kNamed && out.known.is_amount(set->noun.links.front())) return;
  if (!set->ranking) out.add(Cat::group, Group{.key = set}, (by ? kBy : 0) - (values ? kColumn : 0));
}

template <Role unit>
void per_period(RuleOutput& out, Parts) {
  Quantity period;
  period.period = unit;
  out.add(Cat::group, Group{.key = period}, kBy);
}

/// "per month of the order date" names the date.
template <Role unit>
void per_period_of(RuleOutput& out, Parts parts) {
  Quantity period = parts.back()->as<Quantity>();
  if (period.fn || period.kind != Quantity::Kind::column) return;
  period.period = unit;
  out.add(Cat::group, Group{.key = std::move(period)}, kBy);
}

/// "per customer and month": the month as if "per" were said again. A rule that began with all before "and" would crowd others out of the chart.
template <Role unit>
void and_period(RuleOutput& out, Parts parts) {
  constexpr std::size_t kFar = 4;
  const std::size_t begin = parts.front()->begin;
  const auto grouped = [&](std::size_t i) {
    return out.known.lexicon.does(out.words, i, Role::per) || out.known.lexicon.does(out.words, i, Role::by);
  };
  for (std::size_t back = 2; back <= std::min(begin, kFar); ++back)
    if (grouped(begin - back)) return per_period<unit>(out, parts);
}

/// "in each of the last 3 weeks": per week, and only these
void each_of_period(RuleOutput& out, Parts parts) {
  const auto& period = parts.back()->as<Period>();
  // Of a month that began before them, only a part would be counted.
  const auto from = day_of(period.from);
  if (period.unit == Role::none || !from || start_of(period.unit, *from) != *from) return;
  Query query = parts[0]->as<Query>();
  Quantity unit;
  unit.period = period.unit;
  query.groups.push_back({.key = unit});
  Condition condition{.kind = Condition::Kind::period, .period = period};
  condition.begin = parts.back()->begin;
  condition.end = parts.back()->end;
  query.conditions.push_back(condition_of(std::move(condition)));
  out.add(Cat::query, std::move(query), 0);
}

template <Role unit>
void add_period(std::vector<Rule>& rules) {
  for (const Role each : {Role::per, Role::by}) {
    rules.push_back({"per period", {role(each), role(unit)}, true, per_period<unit>});
    rules.push_back({"per period of", {role(each), role(unit), sym(Cat::quantity)}, true, per_period_of<unit>});
  }
  for (const Role then : {Role::conjunction, Role::comma}) rules.push_back({"and period", {role(then), role(unit)}, false, and_period<unit>});
}

}  // namespace

bool follows_verb(const RuleOutput& out, std::size_t at) {
  if (at == 0) return false;
  const auto phrases = out.known.lexicon.phrases_at(out.words, at - 1);
  const bool light = std::ranges::any_of(phrases, [](const auto& one) { return one.role == Role::light || one.role == Role::deed; });
  // "orders by customer": the word names rows more often than it says what somebody does.
  const auto names = out.known.schema.index.names_at(out.words, at - 1, out.known.lexicon);
  const bool rows = std::ranges::any_of(names, [&](const Mention& mention) {
    return mention.plural && mention.size() == 1 && mention.links.front().kind == Link::Kind::table && mention.links.front().score == 1;
  });
  return (light && !rows) || out.words[at - 1].lower.ends_with("ed");
}

std::vector<Rule> group_rules() {
  std::vector<Rule> rules{{"per", {role(Role::per), sym(Cat::set)}, true, per_set}, {"by", {role(Role::by), sym(Cat::set)}, true, per_set}};
  add_period<Role::year>(rules);
  add_period<Role::quarter>(rules);
  add_period<Role::month>(rules);
  add_period<Role::week>(rules);
  add_period<Role::day>(rules);
  add_period<Role::weekday>(rules);
  add_period<Role::hour>(rules);
  rules.push_back({"yearly", {role(Role::yearly)}, true, per_period<Role::year>});
  rules.push_back({"over the years", {role(Role::over_time)}, true, per_period<Role::year>});
  rules.push_back({"quarterly", {role(Role::quarterly)}, true, per_period<Role::quarter>});
  rules.push_back({"monthly", {role(Role::monthly)}, true, per_period<Role::month>});
  rules.push_back({"weekly", {role(Role::weekly)}, true, per_period<Role::week>});
  rules.push_back({"daily", {role(Role::per_day)}, true, per_period<Role::day>});
  rules.push_back({"each of", {sym(Cat::query), role(Role::per), sym(Cat::period)}, true, each_of_period});
  return rules;
}

}  // namespace sluice::planner
