#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02;

/// "how long did orders take to ship on average"
template <plan::Fn fn>
void asked_of(RuleOutput& out, Parts parts) {
  const Quantity* said = nullptr;
  const SetPtr* set = nullptr;
  for (const Item* part : parts) {
    if (part->cat == Cat::quantity) said = &part->as<Quantity>();
    if (part->cat == Cat::set) set = &part->as<SetPtr>();
  }
  if (said == nullptr || set == nullptr || said->fn || said->kind != Quantity::Kind::column || said->of != nullptr) return;
  Quantity bare = *said;
  std::erase_if(bare.noun.links, [&](const Link& link) { return !out.known.is_duration(link); });
  if (bare.noun.links.empty() || (*set)->ranking || (*set)->column >= 0) return;
  for (auto& [quantity, cost] : resolve(out.known, bare, (*set)->table)) {
    if (quantity.noun.links.front().table != (*set)->table) continue;
    quantity.of = *set;
    quantity.fn = fn;
    out.add(Cat::quantity, std::move(quantity), kSaid + cost);
  }
}

template <bool descending>
void add_order(RuleOutput& out, Quantity by) {
  if (by.kind == Quantity::Kind::everything || by.noun.links.empty()) return;
  out.add(Cat::order, std::vector<Ranking>{{.by = std::move(by), .descending = descending}}, kSaid);
}
/// "with the most nights first"
template <bool descending>
void most_first(RuleOutput& out, Parts parts) {
  add_order<descending>(out, parts[parts.size() - 2]->as<Quantity>());
}
/// "the longest stays first"
void adjective_set_first(RuleOutput& out, Parts parts) {
  const auto& one = parts[parts.size() - 3]->as<Adjective>();
  const Set& set = *parts[parts.size() - 2]->as<SetPtr>();
  if (set.ranking || set.column >= 0 || !set.conditions.empty()) return;
  const auto own = [&](const Noun& noun) {
    Quantity by{.noun = noun};
    std::erase_if(by.noun.links, [&](const Link& link) { return link.table != set.table; });
    return by;
  };
  add_order<true>(out, own(one.more));
  add_order<false>(out, own(one.less));
}

}  // namespace

std::vector<Rule> duration_rules() {
  const Symbol quantity = sym(Cat::quantity), set = sym(Cat::set), average = role(Role::average), count = role(Role::count),
               first = role(Role::first);
  const Symbol ordered = role(Role::order);
  return {{"how long, on average", {quantity, set, average}, true, asked_of<plan::Fn::avg>},
          {"how long on average", {quantity, average, set}, true, asked_of<plan::Fn::avg>},
          {"how many days, on average", {count, quantity, set, average}, true, asked_of<plan::Fn::avg>},
          {"how many days on average", {count, quantity, average, set}, true, asked_of<plan::Fn::avg>},
          {"most first", {role(Role::most), quantity, first}, true, most_first<true>},
          {"fewest first", {role(Role::fewest), quantity, first}, true, most_first<false>},
          {"highest first", {role(Role::highest), quantity, first}, true, most_first<true>},
          {"lowest first", {role(Role::lowest), quantity, first}, true, most_first<false>},
          {"ordered, most first", {ordered, role(Role::most), quantity, first}, true, most_first<true>},
          {"ordered, fewest first", {ordered, role(Role::fewest), quantity, first}, true, most_first<false>},
          {"ordered, highest first", {ordered, role(Role::highest), quantity, first}, true, most_first<true>},
          {"ordered, lowest first", {ordered, role(Role::lowest), quantity, first}, true, most_first<false>},
          {"ordered, longest rows first", {ordered, sym(Cat::adjective), set, first}, true, adjective_set_first},
          {"longest rows first", {sym(Cat::adjective), set, first}, true, adjective_set_first}};
}

}  // namespace sluice::planner
