#include <algorithm>

#include "planner/meaning_key.h"
#include "planner/measured.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Kind = Quantity::Kind;

constexpr double kNewList = 0.05, kNamesOnly = 0.1, kSaidAgain = 0.15;

/// Whose the outputs are, or whose rows they count.
SetPtr owner_in(const Outputs& outputs) {
  if (outputs.owner != nullptr) return outputs.owner;
  for (const Output& output : outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output);
        quantity != nullptr && quantity->parts.empty() && quantity->of != nullptr && !quantity->of->conditions.empty())
      return quantity->of;
  return nullptr;
}

/// What the numbers of the question are told for, each once; null where it is not one kind of rows.
SetPtr only_group(const Query& query) {
  if (query.groups.size() != 1) return nullptr;
  const auto* set = std::get_if<SetPtr>(&query.groups.front().key);
  return set == nullptr ? nullptr : *set;
}

bool share_column(const Quantity& a, const Quantity& b) {
  return std::ranges::any_of(a.noun.links, [&](const Link& one) {
    return std::ranges::any_of(b.noun.links, [&](const Link& other) { return one.table == other.table && one.column == other.column; });
  });
}

/// "total amount", where that is what the question ranks by; "the number", of what it has counted.
bool means_again(const Quantity& again, const Quantity& before) {
  if (again.of != nullptr && !again.of->conditions.empty()) return before.of != nullptr && key_of(Meaning(again)) == key_of(Meaning(before));
  if (!again.parts.empty() && again.kind == before.kind && again.trend == before.trend)
    return std::ranges::equal(again.parts, before.parts, means_again);
  if (again.kind == Kind::window) return before.kind == Kind::window && before.trend == again.trend && again.parts.empty();
  if (again.kind == Kind::rows) {
    if (again.of == nullptr) return before.kind == Kind::rows || before.fn.has_value();
    return before.kind == Kind::rows && before.of != nullptr && before.of->table == again.of->table && before.of->column == again.of->column;
  }
  return again.kind == Kind::column && before.kind == Kind::column && before.fn && (!again.fn || again.fn == before.fn) &&
         share_column(again, before);
}

std::vector<std::uint64_t> keys_of(const Set& set) {
  std::vector<std::uint64_t> keys;
  keys.reserve(set.conditions.size());
  for (const ConditionPtr& condition : set.conditions) keys.push_back(key_of(Meaning(condition)));
  std::ranges::sort(keys);
  return keys;
}

/// Whether all that is said of the one is said of the other.
bool is_among(const Set& one, const Set& other) { return std::ranges::includes(keys_of(other), keys_of(one)); }

/// What a number of the list is in the question before it; false where it is of nothing.
bool take_up(Quantity& quantity, const std::vector<Quantity>& before) {
  // "its revenue and the change in revenue": of the same revenue. A change that nobody says of what is that of the number beside it.
  if (quantity.kind == Kind::window && !quantity.parts.empty()) return take_up(quantity.parts.front(), before);
  for (const Quantity& one : before)
    if (means_again(quantity, one)) {
      const Noun noun = quantity.noun;
      const auto period = quantity.period;
      quantity = one;
      if (quantity.kind == Kind::window && period) quantity.period = period;
      if (!noun.links.empty()) {
        quantity.noun.begin = noun.begin;
        quantity.noun.end = noun.end;
      }
      return true;
    }
  // The number of payments, where those of a year are added up: of the same year. So is that of paid ones, where they were paid ones.
  if (quantity.kind == Kind::rows && quantity.of != nullptr && quantity.of->column < 0 && !quantity.of->ranking)
    for (const Quantity& one : before)
      if (one.of != nullptr && one.of->table == quantity.of->table && !one.of->conditions.empty() && is_among(*quantity.of, *one.of)) {
        Set all = *quantity.of;
        all.conditions = one.of->conditions;
        quantity.of = set_of(std::move(all));
        return true;
      }
  return quantity.kind != Kind::rows || quantity.of != nullptr;
}

/// What the question computes, and what that is made of: the revenue whose change it asks for.
std::vector<Quantity> named_in(const Query& query) {
  std::vector<Quantity> out;
  for (const Quantity& one : computed_in(query)) {
    if (one.kind == Kind::window) out.insert(out.end(), one.parts.begin(), one.parts.end());
    out.push_back(one);
  }
  return out;
}

/// Whether the set is of rows that the owner is already said to have.
bool is_said_of(const Set& owner, const Set& set) {
  return std::ranges::any_of(owner.conditions, [&](const ConditionPtr& one) {
    return one->kind == Condition::Kind::member && one->set->table == set.table && !one->set->ranking && keys_of(*one->set) == keys_of(set);
  });
}

/// How unlikely the words of a set are, as links.
double cost_of_links(const Set& set) {
  double cost = 0;
  for (const ConditionPtr& one : set.conditions)
    if (one->kind == Condition::Kind::value) cost += cost_of(one->value.links.front());
  return cost;
}

/// Whether a number that the list does not show again would take conditions with it.
bool loses_conditions(const Query& query, const std::vector<Output>& list, const SetPtr& owner) {
  return std::ranges::any_of(query.outputs.list, [&](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr || quantity->of == nullptr || quantity->of == owner || (quantity->of->conditions.empty() && !quantity->of->ranking))
      return false;
    return std::ranges::none_of(list, [&](const Output& other) {
      const auto* one = std::get_if<Quantity>(&other);
      return one != nullptr && one->of == quantity->of;
    });
  });
}

/// How far the numbers are from the rows that they are shown for: known already where the question before speaks of them.
double known_ways(const RuleOutput& out, const std::vector<Output>& list, const std::vector<Quantity>& before, const Set& owner_set) {
  const int owner = owner_set.table;
  double cost = 0;
  for (const Output& output : list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    const int table = quantity == nullptr ? -1 : measured_table(*quantity);
    if (table >= 0 && quantity->of != nullptr && !quantity->of->conditions.empty() && is_said_of(owner_set, *quantity->of)) {
      cost += cost_of_links(*quantity->of) + out.known.distance(owner, table);
      continue;
    }
    if (table < 0 || table == owner || std::ranges::none_of(before, [&](const Quantity& one) { return measured_table(one) == table; })) continue;
    const auto likely = resolve(out.known, *quantity, owner);
    if (!likely.empty()) cost += likely.front().cost;
  }
  return cost;
}

/// Whether a column or number of the list is what the question before it names already: what it shows, ranks by, or counts rows of.
bool says_again(const Quantity& again, const std::vector<Quantity>& before, const Set& owner) {
  if (again.kind == Kind::rows)
    return again.of == nullptr ||
           (again.of->column < 0 && std::ranges::any_of(before, [&](const Quantity& one) { return measured_table(one) == again.of->table; }));
  if (std::ranges::any_of(before, [&](const Quantity& one) { return means_again(again, one); })) return true;
  return !again.fn && std::ranges::any_of(again.noun.links, [&](const Link& link) {
    return link.table == owner.table && (owner.column < 0 || owner.column == link.column);
  });
}

/// "Which category …? Return its name": where a thing is told by a column that refers to it, the name is the thing's. False where it is of
/// something else, which there may be many of.
bool take_referred(const Known& known, const Set& owner, Quantity& quantity) {
  const int edge = owner.column < 0 || !owner.ranking ? -1 : known.schema.graph.edge_of(owner.table, known.column(owner.table, owner.column).name);
  if (edge < 0) return true;
  const int to = known.schema.graph.edge(edge).to;
  std::erase_if(quantity.noun.links, [&](const Link& link) {
    const bool own = link.table == owner.table && link.column == owner.column;
    return link.kind != Link::Kind::column || (link.table != to && !own);
  });
  return !quantity.noun.links.empty();
}

/// Whether the list has nothing computed, or something of the rows that the number is of.
bool counts_again(const Quantity& quantity, const std::vector<Output>& list) {
  return std::ranges::none_of(list, computed) || std::ranges::any_of(list, [&](const Output& other) {
           const auto* one = std::get_if<Quantity>(&other);
           return one != nullptr && one->of != nullptr && one->of->table == quantity.of->table && one->of->column == quantity.of->column;
         });
}

/// "Which shops … ? Give me the names."
void new_list(RuleOutput& out, Parts parts) {
  Query query = parts.front()->as<Query>();
  const auto& outputs = parts.back()->as<Outputs>();
  const SetPtr owner = owner_in(query.outputs);
  // What is said of the rows of the second list must not get lost.
  const SetPtr& second = outputs.owner;
  const bool shown = second != nullptr && std::ranges::any_of(outputs.list, [&](const Output& output) {
                       const auto* set = std::get_if<SetPtr>(&output);
                       return set != nullptr && *set == second;
                     });
  const bool said = second != nullptr && (!second->conditions.empty() || second->ranking || (second->column >= 0 && !shown));
  if ((owner != nullptr || only_group(query) != nullptr) && owner != second && said) return;
  const auto before = named_in(query);
  std::vector<Output> list = outputs.list;
  bool repeats = owner != nullptr && outputs.owner == nullptr;
  for (Output& output : list) {
    auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr) continue;
    repeats = repeats && says_again(*quantity, before, *owner);
    if (!take_up(*quantity, before)) return;
    if (owner != nullptr && quantity->of == nullptr && !computed(output) && !take_referred(out.known, *owner, *quantity)) return;
    // "Show the name": that of what was asked for.
    if (owner != nullptr && owner->column < 0 && quantity->of == nullptr && !computed(output))
      if (const auto likely = resolve(out.known, *quantity, owner->table); !likely.empty()) *quantity = likely.front().meaning;
  }
  // Nothing that was asked for is lost.
  const auto again = [&](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    // "How many orders? How many customers?": two questions.
    if (quantity != nullptr && computed(output) && query.groups.empty() && owner == nullptr && quantity->of != nullptr)
      return counts_again(*quantity, list);
    if (quantity == nullptr || computed(output)) return true;
    return std::ranges::any_of(list, [&](const Output& other) {
      const auto* one = std::get_if<Quantity>(&other);
      return one != nullptr && !one->noun.links.empty() && std::ranges::any_of(quantity->noun.links, [&](const Link& link) {
               return link.table == one->noun.links.front().table && link.column == one->noun.links.front().column;
             });
    });
  };
  if (!std::ranges::all_of(query.outputs.list, again)) return;
  // What was computed is still wanted where only names are added to it.
  if (std::ranges::none_of(list, computed))
    for (const Output& output : query.outputs.list)
      if (computed(output)) list.push_back(output);
  if (loses_conditions(query, list, owner)) return;
  double cost = kNewList;
  if (owner != nullptr && outputs.owner == nullptr) cost -= kNamesOnly;
  const SetPtr told_for = owner != nullptr ? owner : only_group(query);
  if (told_for != nullptr) cost -= known_ways(out, list, before, *told_for);
  // Whose the numbers are is plain where the question names them all before.
  if (repeats) cost -= kSaidAgain;
  query.outputs.list = std::move(list);
  query.outputs.owner = owner == nullptr ? outputs.owner : owner;
  out.add(Cat::query, std::move(query), cost);
}

/// The one condition that says of rows that others belong to them, and what is said beside it; nothing where there is none, or several.
std::optional<std::pair<SetPtr, std::vector<ConditionPtr>>> members_in(const std::vector<ConditionPtr>& conditions) {
  std::pair<SetPtr, std::vector<ConditionPtr>> out;
  for (const ConditionPtr& one : conditions) {
    if (one->kind == Condition::Kind::member && out.first != nullptr) return std::nullopt;
    if (one->kind == Condition::Kind::member)
      out.first = one->set;
    else
      out.second.push_back(one);
  }
  return out.first == nullptr || out.first->ranking || out.first->column >= 0 ? std::nullopt : std::optional(std::move(out));
}

/// "How many Yamahas were sold in 2026? Return the number of sales and the total revenue.": of these sales.
void numbers_of_members(RuleOutput& out, Parts parts) {
  const auto& query = parts.front()->as<Query>();
  const auto& outputs = parts.back()->as<Outputs>();
  if (query.outputs.list.size() != 1 || !query.groups.empty() || !query.order.empty() || outputs.owner != nullptr) return;
  const auto* counted = std::get_if<Quantity>(&query.outputs.list.front());
  if (counted == nullptr || counted->kind != Kind::rows || counted->of == nullptr || counted->of->column >= 0 || counted->of->ranking) return;
  std::vector<ConditionPtr> said = counted->of->conditions;
  said.insert(said.end(), query.conditions.begin(), query.conditions.end());
  const SetPtr& of_rows = query.outputs.owner;
  if (of_rows != nullptr && of_rows->table != counted->of->table) said.push_back(condition_of({.kind = Condition::Kind::member, .set = of_rows}));
  auto members = members_in(said);
  if (!members) return;
  Set rows = *members->first;
  const auto& ways = out.known.routes(rows.table, counted->of->table);
  if (rows.table == counted->of->table || ways.empty() || !ways.front().to_one) return;
  Set of = *counted->of;
  of.conditions.clear();
  // A period that no word gives a date is when they belonged to it.
  for (const ConditionPtr& one : members->second) (one->kind == Condition::Kind::period ? rows : of).conditions.push_back(one);
  if (!of.conditions.empty()) rows.conditions.push_back(condition_of({.kind = Condition::Kind::member, .set = set_of(std::move(of))}));
  const SetPtr owner = set_of(std::move(rows));
  Query made{.outputs = {.owner = owner}};
  double cost = kNewList;
  for (const Output& output : outputs.list) {
    const auto* number = std::get_if<Quantity>(&output);
    if (number == nullptr) return;
    const bool rows_of = number->kind == Kind::rows && number->of != nullptr && number->of->table == owner->table && number->of->column < 0 &&
                         number->of->conditions.empty();
    if (!rows_of && (number->kind != Kind::column || !number->fn || number->of != nullptr)) return;
    const auto likely = resolve(out.known, *number, owner->table);
    if (likely.empty() || (!rows_of && likely.front().meaning.noun.links.front().table != owner->table)) return;
    Quantity one = likely.front().meaning;
    one.of = owner;
    cost += likely.front().cost;
    made.outputs.list.emplace_back(std::move(one));
  }
  out.add(Cat::query, std::move(made), cost);
}

/// "How many … per month? Return the month and the number": the months are shown anyway.
void with_unit(RuleOutput& out, Parts parts) {
  const auto is_unit = [&](const Group& group) {
    const auto* period = std::get_if<Quantity>(&group.key);
    return period != nullptr && period->period == parts[2]->as<Quantity>().period;
  };
  const Item* both[] = {parts.front(), parts.back()};
  if (std::ranges::any_of(parts.front()->as<Query>().groups, is_unit)) new_list(out, both);
}

/// "the month" of an answer: what its groups are told by.
template <Role unit>
void unit_alone(RuleOutput& out, Parts) {
  out.add(Cat::reference, Quantity{.kind = Kind::everything, .period = unit}, 0);
}

/// "Sort the shops by size, and return their names"
void list_after_order(RuleOutput& out, Parts parts) {
  const auto& query = parts.front()->as<Query>();
  const Item* both[] = {parts.front(), parts.back()};
  if (!query.order.empty() && std::holds_alternative<SetPtr>(query.outputs.list.front())) new_list(out, both);
}

}  // namespace

std::vector<Rule> answer_list_rules() {
  const Symbol query = sym(Cat::query), outputs = sym(Cat::outputs);
  std::vector<Rule> rules{{"another list", {query, role(Role::stop), outputs}, true, new_list},
                          {"numbers of what belongs to it", {query, role(Role::stop), outputs}, true, numbers_of_members},
                          {"and another list", {query, role(Role::comma), role(Role::conjunction), outputs}, true, list_after_order}};
  for (const Role after : {Role::comma, Role::conjunction})
    rules.push_back({"another list of months", {query, role(Role::stop), sym(Cat::reference), role(after), outputs}, true, with_unit});
  rules.push_back({"a year", {role(Role::year)}, false, unit_alone<Role::year>});
  rules.push_back({"a quarter", {role(Role::quarter)}, false, unit_alone<Role::quarter>});
  rules.push_back({"a month", {role(Role::month)}, false, unit_alone<Role::month>});
  rules.push_back({"a week", {role(Role::week)}, false, unit_alone<Role::week>});
  return rules;
}

}  // namespace sluice::planner
