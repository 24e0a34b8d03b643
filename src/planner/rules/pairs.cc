#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Quantities = std::vector<Quantity>;
using Kind = Quantity::Kind;

constexpr double kTwoCounts = -0.05, kSideBySide = 0.03;

bool is_number(const Quantity& one) { return one.fn || one.kind == Kind::rows; }

Quantity count_of(const SetPtr& set) { return {.kind = Kind::rows, .distinct = set->distinct || set->column >= 0, .of = set}; }

void add_pair(RuleOutput& out, Kind kind, Quantity first, Quantity second) {
  if (!is_number(first) || !is_number(second)) return;
  Quantity pair{.kind = kind, .of = first.of, .parts = {std::move(first), std::move(second)}};
  out.add(Cat::quantity, std::move(pair), 0);
}

/// The numbers that two phrases name: rows are counted.
std::optional<Quantity> number_in(const Item& item) {
  if (item.cat == Cat::quantity) return item.as<Quantity>();
  const auto& set = item.as<SetPtr>();
  if (set->ranking || set->column >= 0) return std::nullopt;
  return count_of(set);
}

/// "JFK flights to LGA flights": a value alone names other rows than those it is compared with.
bool counts_others(const Item& first, const Item& second) {
  if (first.cat != Cat::set || second.cat != Cat::set) return false;
  const Set &one = *first.as<SetPtr>(), &other = *second.as<SetPtr>();
  return one.by_value != other.by_value && one.table != other.table;
}

/// "ratio of orders to customers", "difference between the number of … and the number of …"
template <Kind kind>
void pair(RuleOutput& out, Parts parts) {
  const auto first = number_in(*parts[1]), second = number_in(*parts.back());
  if (first && second && !counts_others(*parts[1], *parts.back())) add_pair(out, kind, *first, *second);
}

/// "difference between the highest and lowest price"
template <Kind kind>
void pair_in_list(RuleOutput& out, Parts parts) {
  const auto& list = parts.back()->as<Quantities>();
  if (list.size() == 2 && list[0].fn && list[1].fn) add_pair(out, kind, list[0], list[1]);
}

/// "how many singers and concerts are there": a number each.
void two_counts(RuleOutput& out, Parts parts) {
  const auto &first = parts[1]->as<SetPtr>(), &second = parts.back()->as<SetPtr>();
  const auto rows = [](const SetPtr& set) { return !set->ranking && set->column < 0 && !set->by_value; };
  if (!rows(first) || !rows(second) || first->table == second->table) return;
  if (out.gap_before(2) > 0 || out.gap_before(3) > 1) return;  // "and the name of the shop"
  out.add(Cat::quantities, Quantities{count_of(first), count_of(second)}, kTwoCounts);
}

/// The condition that a value before a noun is, where it is one of a column of the noun's own table.
const Condition* own_value(const Set& set) {
  if (set.conditions.size() != 1 || set.ranking || set.column >= 0) return nullptr;
  const Condition& one = *set.conditions.front();
  return one.kind == Condition::Kind::value && one.value.links.front().table == set.table ? &one : nullptr;
}

/// "number of male and female singers": a number for each of the values.
void side_by_side(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  const Condition* second = own_value(*set);
  if (second == nullptr || second->begin >= std::size_t{parts.back()->begin} + 2 || set->by_value) return;
  const Link& like = second->value.links.front();
  for (const Link& link : parts[1]->as<Noun>().links) {
    if (link.table != like.table || link.column != like.column || link.value == like.value) continue;
    Noun value = parts[1]->as<Noun>();
    value.links = {link};
    Condition condition{.kind = Condition::Kind::value, .value = value};
    condition.begin = value.begin;
    condition.end = value.end;
    Set first = *set;
    first.conditions = {condition_of(std::move(condition))};
    out.add(Cat::quantities, Quantities{count_of(set_of(std::move(first))), count_of(set)}, kSideBySide);
  }
}

template <Kind kind>
void add_pairs(std::vector<Rule>& rules, Role said) {
  const Symbol word = role(said);
  for (const Cat first : {Cat::quantity, Cat::set})
    for (const Cat second : {Cat::quantity, Cat::set})
      for (const Role between : {Role::conjunction, Role::up_to})
        if (between == Role::conjunction || kind == Kind::ratio)
          rules.push_back({"pair", {word, sym(first), role(between), sym(second)}, true, pair<kind>});
  rules.push_back({"pair in a list", {word, sym(Cat::quantities)}, true, pair_in_list<kind>});
}

}  // namespace

std::vector<Rule> pair_rules() {
  const Symbol set = sym(Cat::set), then = role(Role::conjunction), count = role(Role::count);
  std::vector<Rule> rules{{"two counts", {count, set, then, set}, true, two_counts},
                          {"side by side", {count, sym(Cat::value), then, set}, true, side_by_side}};
  add_pairs<Kind::ratio>(rules, Role::ratio);
  add_pairs<Kind::difference>(rules, Role::difference);
  return rules;
}

}  // namespace sluice::planner
