#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using plan::Fn;

constexpr double kSaid = 0;

/// "average number of orders", which only a "per customer" makes a question.
void over_count(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<std::vector<Fn>>();
  const auto& quantity = parts.back()->as<Quantity>();
  if (functions.size() != 1 || functions.front() == Fn::sum || quantity.kind != Quantity::Kind::rows || quantity.over) return;
  Quantity one = quantity;
  one.over = functions.front();
  out.add(Cat::quantity, std::move(one), kSaid);
}

/// "average of the total freight"
void over_sum(RuleOutput& out, Parts parts) {
  const auto& functions = parts[0]->as<std::vector<Fn>>();
  const auto& quantity = parts.back()->as<Quantity>();
  if (functions.size() != 1 || functions.front() == Fn::sum || quantity.kind != Quantity::Kind::column || quantity.over) return;
  if (!quantity.fn || *quantity.fn != Fn::sum) return;
  Quantity one = quantity;
  one.over = functions.front();
  out.add(Cat::quantity, std::move(one), kSaid);
}

}  // namespace

std::vector<Rule> group_number_rules() {
  const Symbol functions = sym(Cat::functions), quantity = sym(Cat::quantity);
  return {{"over a count", {functions, quantity}, true, over_count}, {"over a sum", {functions, quantity}, true, over_sum}};
}

}  // namespace sluice::planner
