#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kShare = 0.05;

void add_share(RuleOutput& out, const SetPtr& whole, std::vector<ConditionPtr> counted, double cost) {
  if (whole->ranking || whole->column >= 0) return;
  Quantity share{.kind = Quantity::Kind::share, .of = whole};
  if (!counted.empty()) share.parts = {{.kind = Quantity::Kind::rows, .of = set_of({.table = whole->table, .conditions = std::move(counted)})}};
  out.add(Cat::quantity, std::move(share), cost);
}

/// "percentage of German customers": of all customers. With two conditions nobody knows which of them says what is a part.
void share_of_set(RuleOutput& out, Parts parts) {
  const Set& set = *parts.back()->as<SetPtr>();
  Set whole{.table = set.table, .column = set.column, .noun = set.noun, .ranking = set.ranking};
  if (set.conditions.size() == 1) add_share(out, set_of(std::move(whole)), set.conditions, kSaid);
}

/// "percentage of flights per carrier": the rows of each group.
void share_of_groups(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->conditions.empty()) add_share(out, set, {}, kSaid);
}

/// "percentage of German customers that have orders", said as a sentence: of the German customers.
void share_said(RuleOutput& out, Parts parts) {
  const auto& set = parts[1]->as<SetPtr>();
  for (const auto& [one, cost] : resolve(out.known, parts.back()->as<ConditionPtr>(), set->table)) add_share(out, set, {one}, cost);
}

/// "percentage of total freight per country"
void share_of_sum(RuleOutput& out, Parts parts) {
  Quantity quantity = parts.back()->as<Quantity>();
  if (quantity.kind != Quantity::Kind::column || (quantity.fn && *quantity.fn != plan::Fn::sum)) return;
  std::erase_if(quantity.noun.links, [&](const Link& link) { return !out.known.column(link).type.is_numeric() || out.known.is_key(link); });
  if (quantity.noun.links.empty()) return;
  const double cost = quantity.fn ? kSaid : kShare;
  quantity.fn = plan::Fn::sum;
  Quantity share{.kind = Quantity::Kind::share, .of = quantity.of, .parts = {}};
  share.noun.links = {};
  share.parts.push_back(std::move(quantity));
  out.add(Cat::quantity, std::move(share), cost);
}

/// "share of each country in all customers", "each country's share of customers"
void share_of_each(RuleOutput& out, Parts parts) {
  const Item* group = parts[0]->cat == Cat::group ? parts[0] : parts[1];
  const auto& set = parts.back()->as<SetPtr>();
  if (!set->conditions.empty() || set->ranking || set->column >= 0) return;
  Query query{.outputs = {.list = {Quantity{.kind = Quantity::Kind::share, .of = set}}}, .groups = {group->as<Group>()}};
  out.add(Cat::query, std::move(query), kSaid);
}

}  // namespace

std::vector<Rule> share_rules() {
  const Symbol percentage = role(Role::percentage), set = sym(Cat::set), group = sym(Cat::group);
  return {{"share of a set", {percentage, set}, true, share_of_set},
          {"share of groups", {percentage, set}, true, share_of_groups},
          {"share, said", {percentage, set, role(Role::predicate), sym(Cat::condition)}, true, share_said},
          {"share of a sum", {percentage, sym(Cat::quantity)}, true, share_of_sum},
          {"share of each in", {percentage, group, set}, true, share_of_each},
          {"each one's share", {group, percentage, set}, true, share_of_each}};
}

}  // namespace sluice::planner
