#include <algorithm>
#include <span>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kLater = 0.15;

/// "customers that appear twice": by their key, none does.
bool is_only_key(const RuleOutput& out, const Set& set) {
  const auto& key = out.known.table(set.table).primary_key;
  return key && key->columns.size() == 1 && key->columns.front() == out.known.column(set.table, set.column).name;
}

/// That there are several rows with the value of the set's column; no value is none that they share.
void add_often(const RuleOutput& out, Set& values) {
  Condition often{.kind = Condition::Kind::count, .fn = plan::Fn::gt, .operands = {{TypeKind::integer, Value{std::int64_t{1}}}}};
  often.set = set_of({.table = values.table});
  values.conditions.push_back(condition_of(std::move(often)));
  if (!out.known.column(values.table, values.column).nullable) return;
  Condition present{.kind = Condition::Kind::present,
                    .what = Quantity{.noun = {.links = {{Link::Kind::column, values.table, values.column, 1, ""}}}}};
  values.conditions.push_back(condition_of(std::move(present)));
}

/// "duplicate phone numbers of customers"
void repeated_quantity(RuleOutput& out, Parts parts) {
  const auto& quantity = parts[1]->as<Quantity>();
  const auto& of = parts[2]->as<SetPtr>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || of->column >= 0 || of->ranking) return;
  for (const auto& [one, cost] : resolve(out.known, quantity, of->table)) {
    const Link& link = one.noun.links.front();
    if (link.table != of->table) continue;
    Set values{.table = link.table, .column = link.column, .noun = one.noun, .conditions = of->conditions};
    add_often(out, values);
    if (!is_only_key(out, values)) out.add(Cat::set, set_of(std::move(values)), kSaid + cost);
  }
}

/// "names that occur more than once", "duplicate names"
void repeated(RuleOutput& out, Parts parts) {
  const auto& item = parts[0]->cat == Cat::set ? *parts[0] : *parts[1];
  const Set& set = *item.as<SetPtr>();
  if (set.column < 0 || set.ranking) return;
  if (is_only_key(out, set)) return;
  Set longer = set;
  add_often(out, longer);
  out.add(Cat::set, set_of(std::move(longer)), kSaid);
}

/// "the second highest price": a number, each of which counts once.
template <bool descending, int skip>
void later_value(RuleOutput& out, Parts parts) {
  Quantity quantity = parts.back()->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr) return;
  for (const Link& link : quantity.noun.links) {
    if (!out.known.column(link).type.is_numeric() || out.known.is_key(link)) continue;
    Quantity one = quantity;
    one.noun.links = {link};
    one.distinct = true;
    const SetPtr owner = set_of({.table = link.table, .ranking = Ranking{.by = one, .descending = descending, .skip = skip}});
    out.add(Cat::outputs, Outputs{.list = {one}, .owner = owner, .distinct = true}, kLater + cost_of(link));
  }
}

/// "the second highest price of red wines", "the second highest price for Shiraz"
template <bool descending, int skip>
void later_value_of(RuleOutput& out, Parts parts) {
  const Quantity& quantity = parts[2]->as<Quantity>();
  const auto& of = parts[3]->as<SetPtr>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr || of->ranking || of->column >= 0) return;
  const auto gap = std::span(out.words).subspan(parts[2]->end, static_cast<std::size_t>(parts[3]->begin) - parts[2]->end);
  if (std::ranges::none_of(gap, [&](const Word& word) { return out.known.lexicon.says_of(word) || out.known.lexicon.opens_context(word); })) return;
  for (std::size_t at = parts[2]->end; at < parts[3]->begin; ++at)
    if (out.known.lexicon.does(out.words, at, Role::per)) return;  // "of each category": one for each
  for (const auto& [one, cost] : resolve(out.known, quantity, of->table)) {
    const Link& link = one.noun.links.front();
    if (!out.known.column(link).type.is_numeric() || out.known.is_key(link)) continue;
    Set rows{.table = link.table, .noun = of->noun, .conditions = of->conditions};
    if (link.table != of->table) {
      const auto& ways = out.known.routes(link.table, of->table);
      if (ways.empty() || !ways.front().to_one) continue;
      rows.conditions = {condition_of({.kind = Condition::Kind::member, .set = of})};
    }
    Quantity value = one;
    value.distinct = true;
    rows.ranking = Ranking{.by = value, .descending = descending, .skip = skip};
    out.add(Cat::outputs, Outputs{.list = {value}, .owner = set_of(std::move(rows)), .distinct = true}, kSaid + cost);
  }
}

}  // namespace

std::vector<Rule> repeated_rules() {
  const Symbol set = sym(Cat::set), often = role(Role::duplicate);
  const Symbol quantity = sym(Cat::quantity), second = role(Role::second), third = role(Role::third), high = role(Role::highest),
               low = role(Role::lowest);
  return {{"second highest", {second, high, quantity}, true, later_value<true, 1>},
          {"second lowest", {second, low, quantity}, true, later_value<false, 1>},
          {"third highest", {third, high, quantity}, true, later_value<true, 2>},
          {"third lowest", {third, low, quantity}, true, later_value<false, 2>},
          {"second highest of", {second, high, quantity, set}, true, later_value_of<true, 1>},
          {"second lowest of", {second, low, quantity, set}, true, later_value_of<false, 1>},
          {"third highest of", {third, high, quantity, set}, true, later_value_of<true, 2>},
          {"third lowest of", {third, low, quantity, set}, true, later_value_of<false, 2>},
          {"repeated quantity", {often, quantity, set}, true, repeated_quantity},
          {"repeated", {often, set}, true, repeated},
          {"that is repeated", {set, often}, true, repeated}};
}

}  // namespace sluice::planner
