#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kCurrent = 0.04;

/// Columns as they stand in the latest (or earliest) row of each of something: of rows that say when.
void state(RuleOutput& out, std::vector<Quantity> list, const Group& group, bool latest, double cost) {
  const auto* head = std::get_if<SetPtr>(&group.key);
  if (head == nullptr || (*head)->column >= 0 || list.empty()) return;
  for (const Link& first : list.front().noun.links) {
    if (first.kind != Link::Kind::column || first.table == (*head)->table || out.known.role(first.table) != nullptr) continue;
    const auto& ways = out.known.routes(first.table, (*head)->table);
    const auto dates = when_columns(out.known, first.table, Role::none);
    if (ways.size() != 1 || !ways.front().to_one || dates.empty()) continue;
    if (dates.front().cost >= kSeveralDates || dates.front().link.table != first.table) continue;
    std::vector<Output> shown{*head};
    double links = 0;
    for (Quantity one : list) {
      if (one.of != nullptr && one.of->table == (*head)->table && one.of->conditions.empty()) one.of = nullptr;  // "user balance of each user"
      std::erase_if(one.noun.links, [&](const Link& link) { return link.table != first.table || tells_when(out.known, link); });
      if (one.fn || one.of != nullptr || one.kind != Quantity::Kind::column || one.noun.links.empty()) break;
      one.noun.links.resize(1);
      links += cost_of(one.noun.links.front());
      shown.emplace_back(std::move(one));
    }
    if (shown.size() != list.size() + 1) continue;
    const Ranking ranking{.by = {.noun = {.links = {dates.front().link}}}, .descending = latest};
    const SetPtr owner = set_of({.table = first.table, .ranking = ranking});
    out.add(Cat::query, Query{.outputs = {.list = std::move(shown), .owner = owner}, .groups = {group}}, cost + links);
  }
}

std::vector<Quantity> listed(const Item& item) {
  if (item.cat == Cat::quantities) return item.as<std::vector<Quantity>>();
  return {item.as<Quantity>()};
}

/// "the latest balance of each user"
template <bool latest>
void dated(RuleOutput& out, Parts parts) {
  state(out, listed(*parts[1]), parts[2]->as<Group>(), latest, kSaid);
}
/// "the current weight of each patient"
void current(RuleOutput& out, Parts parts) { state(out, listed(*parts[1]), parts[2]->as<Group>(), true, kCurrent); }

}  // namespace

std::vector<Rule> state_rules() {
  std::vector<Rule> rules;
  for (const Cat what : {Cat::quantity, Cat::quantities}) {
    rules.push_back({"latest of each", {role(Role::latest), sym(what), sym(Cat::group)}, true, dated<true>});
    rules.push_back({"earliest of each", {role(Role::earliest), sym(what), sym(Cat::group)}, true, dated<false>});
    rules.push_back({"current of each", {role(Role::current), sym(what), sym(Cat::group)}, true, current});
  }
  return rules;
}

}  // namespace sluice::planner
