#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Trend = Quantity::Trend;
using Kind = Quantity::Kind;

constexpr double kSaid = 0.02, kAsked = 0.15;

template <Trend trend>
void of_quantity(RuleOutput& out, Parts parts) {
  auto window = window_of(out, parts.back()->as<Quantity>(), trend);
  if (window) out.add(Cat::quantity, *std::move(window), kSaid);
}

/// "cumulative orders", "growth in orders"
template <Trend trend>
void of_set(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->ranking || set->column >= 0) return;
  auto window = window_of(out, {.kind = Kind::rows, .of = set}, trend);
  if (window) out.add(Cat::quantity, *std::move(window), kSaid);
}

/// "the change": of what is asked for beside it.
template <Trend trend>
void alone(RuleOutput& out, Parts parts) {
  if (!names_column(out, parts[0]->begin)) out.add(Cat::quantity, Quantity{.kind = Kind::window, .trend = trend}, kAsked);
}

/// "order growth", "did freight change"
template <auto apply>
void after(RuleOutput& out, Parts parts) {
  const Item* turned[] = {parts[1], parts[0]};
  apply(out, Parts(turned));
}

template <Trend trend>
void add_trend(std::vector<Rule>& rules, Role said) {
  const Symbol quantity = sym(Cat::quantity), set = sym(Cat::set);
  rules.push_back({"trend of a quantity", {role(said), quantity}, true, of_quantity<trend>});
  rules.push_back({"trend of rows", {role(said), set}, true, of_set<trend>});
  rules.push_back({"trend", {role(said)}, true, alone<trend>});
  if (trend == Trend::running) return;
  rules.push_back({"quantity trend", {quantity, role(said)}, false, after<of_quantity<trend>>});
  rules.push_back({"row trend", {set, role(said)}, false, after<of_set<trend>>});
}

/// "growth of freight in percent": it is said so anyway; "change in percent": by how much in percent.
void in_percent(RuleOutput& out, Parts parts) {
  Quantity quantity = parts[0]->as<Quantity>();
  if (quantity.trend == Trend::change) quantity.trend = Trend::growth;
  if (quantity.trend == Trend::growth || quantity.kind == Kind::share) out.add(Cat::quantity, std::move(quantity), 0);
}
void query_in_percent(RuleOutput& out, Parts parts) {
  Query query = parts[0]->as<Query>();
  auto* quantity = query.outputs.list.size() == 1 ? std::get_if<Quantity>(&query.outputs.list.front()) : nullptr;
  if (quantity == nullptr) return;
  if (quantity->trend == Trend::change) quantity->trend = Trend::growth;
  if (quantity->trend == Trend::growth || quantity->kind == Kind::share) out.add(Cat::query, std::move(query), 0);
}

}  // namespace

bool names_column(const RuleOutput& out, std::size_t at) { return !out.known.schema.index.columns_like(out.words[at].stem).empty(); }

std::optional<Quantity> window_of(const RuleOutput& out, const Quantity& quantity, Trend trend) {
  Quantity number = quantity;
  if (number.kind == Kind::column && !number.fn) {
    std::erase_if(number.noun.links, [&](const Link& link) { return !out.known.column(link).type.is_numeric() || out.known.is_key(link); });
    if (number.noun.links.empty()) return std::nullopt;
    number.fn = plan::Fn::sum;
  } else if (!number.fn && number.kind != Kind::rows) {
    return std::nullopt;
  }
  // Which of several that fit as well is meant, is asked of the number itself.
  if (number.over || !number.parts.empty() || (number.kind == Kind::rows && number.of == nullptr)) return std::nullopt;
  return Quantity{.kind = Kind::window, .parts = {std::move(number)}, .trend = trend};
}

std::vector<Rule> trend_rules() {
  const Symbol quantity = sym(Cat::quantity);
  std::vector<Rule> rules{{"in percent", {quantity, role(Role::as_percent)}, true, in_percent},
                          {"question in percent", {sym(Cat::query), role(Role::as_percent)}, true, query_in_percent}};
  add_trend<Trend::running>(rules, Role::running);
  add_trend<Trend::growth>(rules, Role::growth);
  return rules;
}

std::vector<Rule> change_rules() {
  std::vector<Rule> rules;
  add_trend<Trend::change>(rules, Role::change);
  return rules;
}

}  // namespace sluice::planner
