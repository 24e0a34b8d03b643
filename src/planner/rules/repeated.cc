#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kLater = 0.15;

/// "names that occur more than once", "duplicate names"
void repeated(RuleOutput& out, Parts parts) {
  const auto& item = parts[0]->cat == Cat::set ? *parts[0] : *parts[1];
  const Set& set = *item.as<SetPtr>();
  if (set.column < 0 || set.ranking) return;
  Set longer = set;
  Condition often{.kind = Condition::Kind::count, .fn = plan::Fn::gt, .operands = {{TypeKind::integer, Value{std::int64_t{1}}}}};
  often.set = set_of({.table = set.table});
  longer.conditions.push_back(condition_of(std::move(often)));
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

}  // namespace

std::vector<Rule> repeated_rules() {
  const Symbol set = sym(Cat::set), often = role(Role::duplicate);
  const Symbol quantity = sym(Cat::quantity), second = role(Role::second), third = role(Role::third), high = role(Role::highest),
               low = role(Role::lowest);
  return {{"second highest", {second, high, quantity}, true, later_value<true, 1>},
          {"second lowest", {second, low, quantity}, true, later_value<false, 1>},
          {"third highest", {third, high, quantity}, true, later_value<true, 2>},
          {"third lowest", {third, low, quantity}, true, later_value<false, 2>},
          {"repeated", {often, set}, true, repeated},
          {"that is repeated", {set, often}, true, repeated}};
}

}  // namespace sluice::planner
