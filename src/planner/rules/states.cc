#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kCurrent = 0.04;

ConditionPtr before_day(const Link& date, Day day) {
  Condition condition{.kind = Condition::Kind::compare, .what = Quantity{.noun = {.links = {date}}}, .fn = plan::Fn::lt};
  condition.operands = {{TypeKind::date, Value{iso_of(day)}}};
  return condition_of(std::move(condition));
}

/// Columns as they stand in the latest (or earliest) row of each of something: of rows that say when.
void state(RuleOutput& out, const std::vector<Quantity>& list, const Group& group, bool latest, double cost, std::optional<Day> until = {}) {
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
    Set rows{.table = first.table, .ranking = ranking};
    // What is to come is not yet so.
    if (until && !out.known.column(dates.front().link).type.is_temporal()) continue;
    if (until) rows.conditions.push_back(before_day(dates.front().link, *until + std::chrono::days{1}));
    const SetPtr owner = set_of(std::move(rows));
    out.add(Cat::query, Query{.outputs = {.list = std::move(shown), .owner = owner}, .groups = {group}}, cost + links);
  }
}

std::vector<Quantity> listed(const Item& item) {
  if (item.cat == Cat::quantities) return item.as<std::vector<Quantity>>();
  return {item.as<Quantity>()};
}

/// "the current title of each employee": they have one.
bool is_own(const std::vector<Quantity>& list, const Group& group) {
  const auto* head = std::get_if<SetPtr>(&group.key);
  return head != nullptr && std::ranges::any_of(list, [&](const Quantity& one) {
           return std::ranges::any_of(one.noun.links, [&](const Link& link) { return link.table == (*head)->table; });
         });
}

/// "the latest balance of each user"
template <bool latest>
void dated(RuleOutput& out, Parts parts) {
  if (!is_own(listed(*parts[1]), parts[2]->as<Group>())) state(out, listed(*parts[1]), parts[2]->as<Group>(), latest, kSaid);
}
/// "the current weight of each patient"
void current(RuleOutput& out, Parts parts) {
  const auto list = listed(*parts[1]);
  if (!is_own(list, parts[2]->as<Group>()) && out.known.today) state(out, list, parts[2]->as<Group>(), true, kCurrent, out.known.today);
}

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
