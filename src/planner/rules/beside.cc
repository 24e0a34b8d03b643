#include <algorithm>

#include "planner/measured.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Kind = Quantity::Kind;

constexpr double kBeside = 0.02;

/// Whether all are made of what is asked for before them.
bool of_asked(const std::vector<Quantity>& list) {
  return std::ranges::all_of(list, [](const Quantity& one) { return one.kind == Kind::window && one.parts.empty(); });
}

/// "orders per month and the change from the month before": the change belongs to the number of orders.
void beside(RuleOutput& out, Parts parts) {
  Query query = parts.front()->as<Query>();
  const auto& list = parts.back()->as<std::vector<Quantity>>();
  if (!of_asked(list)) return;
  for (const Quantity& one : list) query.outputs.list.emplace_back(one);
  out.add(Cat::query, std::move(query), kBeside);
}

/// Whether a question names the groups again that it has: "per month? … for each month".
bool groups_alike(const Group& group, const Group& again) {
  if (group.key.index() != again.key.index()) return false;
  if (const auto* period = std::get_if<Quantity>(&group.key)) return period->period == std::get<Quantity>(again.key).period;
  const auto &one = std::get<SetPtr>(group.key), &other = std::get<SetPtr>(again.key);
  return one->table == other->table && one->column == other->column && other->conditions.empty();
}

/// "… per month? Also calculate the change for each month": said twice.
void beside_in_groups(RuleOutput& out, Parts parts) {
  const auto& query = parts.front()->as<Query>();
  const auto& again = parts.back()->as<Group>();
  if (std::ranges::any_of(query.groups, [&](const Group& one) { return groups_alike(one, again); })) beside(out, parts.first(parts.size() - 1));
}

/// "How many payments …? How many of those came in on weekends?": a number of some of the rows beside that of all.
void some_of_those(RuleOutput& out, Parts parts) {
  Query query = parts.front()->as<Query>();
  const auto* all = query.outputs.list.size() == 1 ? std::get_if<Quantity>(&query.outputs.list.front()) : nullptr;
  if (all == nullptr || all->kind != Kind::rows || all->of == nullptr || all->of->column >= 0 || all->of->ranking || all->distinct) return;
  for (const auto& [one, cost] : resolve(out.known, parts.back()->as<ConditionPtr>(), all->of->table)) {
    Query both = query;
    both.outputs.list.emplace_back(restricted_to(*all, all->of->table, {one}));
    out.add(Cat::query, std::move(both), kBeside + cost);
  }
}

}  // namespace

std::vector<Rule> beside_rules() {
  const Symbol query = sym(Cat::query), list = sym(Cat::quantities), then = role(Role::conjunction), stop = role(Role::stop), group = sym(Cat::group);
  return {{"with a window", {query, list}, true, beside},
          {"and a window", {query, then, list}, true, beside},
          {". A window", {query, stop, list}, true, beside},
          {". How many of those", {query, stop, role(Role::of_those), sym(Cat::condition)}, true, some_of_those},
          {"and how many of those", {query, then, role(Role::of_those), sym(Cat::condition)}, true, some_of_those},
          {", and how many of those", {query, role(Role::comma), then, role(Role::of_those), sym(Cat::condition)}, true, some_of_those},
          {". A window of each", {query, stop, list, group}, true, beside_in_groups}};
}

}  // namespace sluice::planner
