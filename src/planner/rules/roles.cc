#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Quantities = std::vector<Quantity>;

constexpr double kOf = 0.01, kBeside = 0.03, kWhose = 0.04, kCompared = 0.03, kWho = -0.05;

const RoleTable* role_of(const RuleOutput& out, const SetPtr& set) { return out.known.role(set->table); }

/// A role that nothing more is said of.
const RoleTable* bare_role(const RuleOutput& out, const SetPtr& set) {
  const RoleTable* role = role_of(out, set);
  return role != nullptr && !role->referring && set->column < 0 && set->conditions.empty() && !set->ranking ? role : nullptr;
}

/// Whether it is a role that each row of the table has by one of its own keys: the home team of a match.
bool has_role(const RuleOutput& out, int table, const SetPtr& set) {
  const RoleTable* role = bare_role(out, set);
  return role != nullptr && role->from == table;
}

bool is_plain(const Quantity& quantity) { return quantity.kind == Quantity::Kind::column && !quantity.fn && quantity.of == nullptr; }

/// The columns as those of the set's rows; nothing where it has not all of them.
std::optional<Quantities> columns_of(const RuleOutput& out, const Quantities& list, const SetPtr& set, double& cost) {
  Quantities all;
  for (const Quantity& one : list) {
    if (!is_plain(one)) return std::nullopt;
    const auto likely = resolve(out.known, one, set->table);
    if (likely.empty()) return std::nullopt;
    cost += likely.front().cost;
    all.push_back(likely.front().meaning);
    all.back().of = set;
  }
  return all;
}

/// "name of the home team"
void columns_of_role(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  double cost = kOf;
  if (bare_role(out, set) == nullptr) return;
  if (auto list = columns_of(out, parts.front()->as<Quantities>(), set, cost)) out.add(Cat::quantities, *std::move(list), cost);
}

/// "name of the home team and of the away team", "home team and away team names"; "names of each employee and of their manager"
void columns_of_both(RuleOutput& out, const Quantities& list, const SetPtr& first, const SetPtr& second) {
  double cost = kOf;
  if (bare_role(out, second) == nullptr || first->table == second->table) return;
  const bool owner = has_role(out, first->table, second);
  if (!owner && bare_role(out, first) == nullptr) return;
  auto all = columns_of(out, list, first, cost);
  const auto more = columns_of(out, list, second, cost);
  if (!all || !more) return;
  if (owner)
    for (Quantity& one : *all) one.of = nullptr;
  all->insert(all->end(), more->begin(), more->end());
  if (!owner) {
    out.add(Cat::quantities, *std::move(all), cost);
    return;
  }
  out.add(Cat::outputs, Outputs{.list = {all->begin(), all->end()}, .owner = first}, cost);
}
void columns_before_both(RuleOutput& out, Parts parts) {
  columns_of_both(out, parts[0]->as<Quantities>(), parts[1]->as<SetPtr>(), parts.back()->as<SetPtr>());
}
void columns_after_both(RuleOutput& out, Parts parts) {
  const auto& first = parts[0]->as<SetPtr>();
  if (bare_role(out, first) != nullptr) columns_of_both(out, parts.back()->as<Quantities>(), first, parts[2]->as<SetPtr>());
}

/// Whether "their" or the like stands before the part.
bool says_own(const RuleOutput& out, const Item& part) { return part.begin > 0 && out.known.lexicon.says_own(out.words[part.begin - 1]); }

/// "employees and their managers", "matches with their home teams"
void set_and_role(RuleOutput& out, Parts parts) {
  const auto& owner = parts.front()->as<SetPtr>();
  const auto& role = parts.back()->as<SetPtr>();
  if (parts.size() == 2 && !says_own(out, *parts.back())) return;
  if (has_role(out, owner->table, role) && owner->column < 0) out.add(Cat::outputs, Outputs{.list = {owner, role}, .owner = owner}, kBeside);
}

/// "…, and its away team"
void role_beside(RuleOutput& out, Parts parts) {
  Outputs all = parts.front()->as<Outputs>();
  const auto& role = parts.back()->as<SetPtr>();
  if (all.owner == nullptr || !has_role(out, all.owner->table, role)) return;
  all.list.emplace_back(role);
  out.add(Cat::outputs, std::move(all), kBeside);
}

/// "name of each employee and their manager's name"
void role_columns_beside(RuleOutput& out, Parts parts) {
  Outputs all = parts.front()->as<Outputs>();
  if (all.owner == nullptr) return;
  for (const Quantity& one : parts.back()->as<Quantities>()) {
    if (one.of == nullptr || one.fn || one.kind != Quantity::Kind::column || !has_role(out, all.owner->table, one.of)) return;
    all.list.emplace_back(one);
  }
  out.add(Cat::outputs, std::move(all), kBeside);
}

/// The home team of some matches, the manager of some employees.
void whose_role(RuleOutput& out, const SetPtr& owner, const SetPtr& role) {
  if (!has_role(out, owner->table, role) || owner->column >= 0) return;
  restrict_set(out, *role, condition_of({.kind = Condition::Kind::member, .set = owner}), kWhose);
}

/// "Nancy Davolio's manager"
void owned_role(RuleOutput& out, Parts parts) {
  if (parts.front()->end > 0 && out.words[parts.front()->end - 1U].owns) whose_role(out, parts.front()->as<SetPtr>(), parts.back()->as<SetPtr>());
}

/// "Who does Nancy Davolio report to?"
void role_of_verb(RuleOutput& out, Parts parts) {
  const auto& role = parts.back()->as<SetPtr>();
  const std::size_t after = parts.back()->end;
  const bool last = after == out.words.size() || out.words[after].kind == WordKind::stop;
  if (last && is_role_verb(out, *parts.back()) && !parts.front()->as<SetPtr>()->conditions.empty())
    whose_role(out, parts.front()->as<SetPtr>(), role);
}

/// "Who reports to Andrew Fuller?": rows of the table whose key leads to the role, which nothing else names.
void who_has_role(RuleOutput& out, Parts parts) {
  const auto& set = parts.front()->as<SetPtr>();
  const std::size_t begin = parts.front()->begin;
  if (!is_role_verb(out, *parts.front()) || set->conditions.empty() || begin == 0 || !out.known.lexicon.asks_who(out.words[begin - 1])) return;
  if (begin > 1 && out.words[begin - 2].kind != WordKind::stop) return;
  restrict_set(out, Set{.table = role_of(out, set)->from}, condition_of({.kind = Condition::Kind::member, .set = set}), kWho);
}

/// "employees who are managers": somebody has them in that role.
void rows_in_role(RuleOutput& out, Parts parts) {
  const Set& set = *parts.front()->as<SetPtr>();
  const RoleTable* role = bare_role(out, parts.back()->as<SetPtr>());
  if (role == nullptr || !names_what_rows_are(out, set, *parts.back()) || out.gap_before(1) == 0) return;
  const auto& all = out.known.schema.roles.all();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].referring && all[i].base == role->base && all[i].key == role->key)
      restrict_set(out, set, condition_of({.kind = Condition::Kind::member, .set = set_of({.table = out.known.schema.roles.number(i)})}), kWhose);
}

/// "report to each manager", "managed by a manager": the verb says no more than the noun.
bool says_twice(const RuleOutput& out, const Item& verb, const SetPtr& noun) {
  return is_role_verb(out, verb) && verb.as<SetPtr>()->table == noun->table && verb.as<SetPtr>()->conditions.empty();
}
void verb_and_noun(RuleOutput& out, Parts parts) {
  const auto& noun = parts.back()->as<SetPtr>();
  if (says_twice(out, *parts.front(), noun)) out.add(Cat::set, noun, 0);
}
void verb_per_noun(RuleOutput& out, Parts parts) {
  const auto& noun = parts.back()->as<SetPtr>();
  if (says_twice(out, *parts.front(), noun) && !noun->ranking) out.add(Cat::group, Group{.key = noun}, 0);
}

/// "home matches of Arsenal"
void role_before_rows(RuleOutput& out, const SetPtr& role, const SetPtr& rows, const ConditionPtr& condition) {
  if (!has_role(out, rows->table, role) || role_of(out, role)->of_itself() || !rows->conditions.empty()) return;
  for (const auto& [one, cost] : resolve(out.known, condition, role->table)) {
    if (one->kind != Condition::Kind::value) continue;
    Set chosen = *role;
    chosen.conditions.push_back(one);
    restrict_set(out, *rows, condition_of({.kind = Condition::Kind::member, .set = set_of(std::move(chosen))}), kWhose + cost);
  }
}
void role_rows_of(RuleOutput& out, Parts parts) {
  if (out.gap_before(1) == 0) role_before_rows(out, parts[0]->as<SetPtr>(), parts[1]->as<SetPtr>(), parts[2]->as<ConditionPtr>());
}
void whose_role_rows(RuleOutput& out, Parts parts) {
  if (out.gap_before(2) == 0) role_before_rows(out, parts[1]->as<SetPtr>(), parts[2]->as<SetPtr>(), parts[0]->as<ConditionPtr>());
}

/// "whose salary is higher than their manager's"
template <plan::Fn fn>
void beyond_role(RuleOutput& out, Parts parts) {
  const auto& what = parts.front()->as<Quantity>();
  const auto& role = parts.back()->as<SetPtr>();
  if (bare_role(out, role) == nullptr || !is_plain(what)) return;
  Quantity other = what;
  other.of = role;
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::versus, .what = what, .other = std::move(other), .fn = fn}), kCompared);
}
template <plan::Fn fn>
void beyond_column_of_role(RuleOutput& out, Parts parts) {
  const auto& what = parts.front()->as<Quantity>();
  const auto& other = parts.back()->as<Quantity>();
  if (other.of == nullptr || bare_role(out, other.of) == nullptr || other.fn || !is_plain(what)) return;
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::versus, .what = what, .other = other, .fn = fn}), kCompared);
}

/// "older than their managers"
void adjective_beyond_role(RuleOutput& out, Parts parts) {
  const auto& adjective = parts.front()->as<Adjective>();
  const auto& role = parts.back()->as<SetPtr>();
  if (bare_role(out, role) == nullptr || !says_own(out, *parts.back()) || out.gap_before(1) < 2) return;
  for (const auto& [noun, fn] : {std::pair{adjective.more, plan::Fn::gt}, std::pair{adjective.less, plan::Fn::lt}}) {
    if (noun.links.empty()) continue;
    const Quantity what{.noun = noun}, other{.noun = noun, .of = role};
    out.add(Cat::condition, condition_of({.kind = Condition::Kind::versus, .what = what, .other = other, .fn = fn}), kCompared);
  }
}

}  // namespace

bool is_role_verb(const RuleOutput& out, const Item& item) {
  const RoleTable* role = out.known.role(item.as<SetPtr>()->table);
  const std::size_t begin = item.as<SetPtr>()->noun.begin, end = item.as<SetPtr>()->noun.end;
  std::vector<std::string> stems;
  for (std::size_t i = begin; i < end; ++i) stems.push_back(out.words[i].stem);
  return role != nullptr && std::ranges::find(role->verbs, stems) != role->verbs.end();
}

bool is_of_other_role(const RuleOutput& out, const Set& set, std::size_t begin) {
  const auto role = out.known.role_before(begin);
  return role && *role != set.table;
}

std::vector<Rule> role_rules() {
  using plan::Fn;
  const Symbol list = sym(Cat::quantities), quantity = sym(Cat::quantity), set = sym(Cat::set), outputs = sym(Cat::outputs),
               condition = sym(Cat::condition), then = role(Role::conjunction), comma = role(Role::comma);
  return {{"columns of a role", {list, set}, true, columns_of_role},
          {"columns of both", {list, set, then, set}, true, columns_before_both},
          {"both roles' columns", {set, then, set, list}, true, columns_after_both},
          {"rows and their role", {set, then, set}, true, set_and_role},
          {"rows with their role", {set, set}, true, set_and_role},
          {"role beside", {outputs, then, set}, true, role_beside},
          {"role beside,", {outputs, comma, set}, true, role_beside},
          {"role beside, and", {outputs, comma, then, set}, true, role_beside},
          {"columns of a role beside", {outputs, then, list}, true, role_columns_beside},
          {"columns of a role beside,", {outputs, comma, list}, true, role_columns_beside},
          {"owned role", {set, set}, false, owned_role},
          {"who has a role", {set}, true, who_has_role},
          {"rows in a role", {set, set}, true, rows_in_role},
          {"verb and noun of a role", {set, set}, true, verb_and_noun},
          {"per role of a verb", {set, role(Role::per), set}, true, verb_per_noun},
          {"role of a verb", {set, set}, true, role_of_verb},
          {"rows of a role", {set, set, condition}, true, role_rows_of},
          {"whose rows of a role", {condition, set, set}, true, whose_role_rows},
          {"greater than a role", {quantity, role(Role::greater), set}, true, beyond_role<Fn::gt>},
          {"less than a role", {quantity, role(Role::less), set}, true, beyond_role<Fn::lt>},
          {"greater than a role's", {quantity, role(Role::greater), quantity}, true, beyond_column_of_role<Fn::gt>},
          {"less than a role's", {quantity, role(Role::less), quantity}, true, beyond_column_of_role<Fn::lt>},
          {"adjective than a role", {sym(Cat::adjective), set}, true, adjective_beyond_role}};
}

}  // namespace sluice::planner
