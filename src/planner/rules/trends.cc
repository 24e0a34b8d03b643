#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Trend = Quantity::Trend;

constexpr double kSaid = 0.02;

/// "running total of freight", "growth of sales": a column is added up first.
template <Trend trend>
void of_quantity(RuleOutput& out, Parts parts) {
  Quantity quantity = parts.back()->as<Quantity>();
  if (quantity.kind == Quantity::Kind::column && !quantity.fn) {
    std::erase_if(quantity.noun.links, [&](const Link& link) { return !out.known.column(link).type.is_numeric() || out.known.is_key(link); });
    if (quantity.noun.links.empty()) return;
    quantity.fn = plan::Fn::sum;
  } else if (!quantity.fn && quantity.kind != Quantity::Kind::rows) {
    return;
  }
  if (quantity.over || quantity.trend != Trend::none) return;
  quantity.trend = trend;
  out.add(Cat::quantity, std::move(quantity), kSaid);
}

/// "cumulative orders", "growth in orders"
template <Trend trend>
void of_set(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->ranking || set->column >= 0) return;
  out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::rows, .of = set, .trend = trend}, kSaid);
}

/// "order growth", "freight growth"
template <auto apply>
void after(RuleOutput& out, Parts parts) {
  const Item* turned[] = {parts[1], parts[0]};
  apply(out, Parts(turned));
}
/// "growth of freight in percent": it is said so anyway.
void in_percent(RuleOutput& out, Parts parts) {
  const auto& quantity = parts[0]->as<Quantity>();
  if (quantity.trend == Trend::growth || quantity.kind == Quantity::Kind::share) out.add(Cat::quantity, quantity, 0);
}
void query_in_percent(RuleOutput& out, Parts parts) {
  const auto& query = parts[0]->as<Query>();
  const auto* quantity = query.outputs.list.size() == 1 ? std::get_if<Quantity>(&query.outputs.list.front()) : nullptr;
  if (quantity != nullptr && (quantity->trend == Trend::growth || quantity->kind == Quantity::Kind::share)) out.add(Cat::query, query, 0);
}

}  // namespace

std::vector<Rule> trend_rules() {
  const Symbol quantity = sym(Cat::quantity), set = sym(Cat::set), running = role(Role::running), growth = role(Role::growth);
  return {{"running quantity", {running, quantity}, true, of_quantity<Trend::running>},
          {"running rows", {running, set}, true, of_set<Trend::running>},
          {"growth of a quantity", {growth, quantity}, true, of_quantity<Trend::growth>},
          {"growth of rows", {growth, set}, true, of_set<Trend::growth>},
          {"quantity growth", {quantity, growth}, false, after<of_quantity<Trend::growth>>},
          {"row growth", {set, growth}, false, after<of_set<Trend::growth>>},
          {"in percent", {quantity, role(Role::as_percent)}, true, in_percent},
          {"question in percent", {sym(Cat::query), role(Role::as_percent)}, true, query_in_percent}};
}

}  // namespace sluice::planner
