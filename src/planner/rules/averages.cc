#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using plan::Fn;

constexpr double kSaid = 0.02, kOfGroup = -0.05;

void add(RuleOutput& out, Condition::Kind kind, Fn fn, const Quantity& what, std::optional<Quantity> other = std::nullopt) {
  if (what.fn || what.kind != Quantity::Kind::column || what.noun.links.empty()) return;
  Condition condition{.kind = kind, .what = what, .other = std::move(other), .fn = fn};
  out.add(Cat::condition, condition_of(std::move(condition)), kSaid);
}

/// "above the average age" of an age; "of their category" is no age.
bool same_quantity(Parts parts) {
  const auto& first = parts.front()->as<Quantity>().noun.links;
  const auto& again = parts.back()->as<Quantity>().noun.links;
  return std::ranges::any_of(again, [&](const Link& one) {
    return std::ranges::any_of(first, [&](const Link& other) { return one.table == other.table && one.column == other.column; });
  });
}

/// "above the average of category Beverages": more is said of what is averaged.
bool goes_on(const RuleOutput& out, Parts parts) {
  const std::size_t end = parts.back()->end;
  return end < out.words.size() && out.known.lexicon.says_of(out.words[end]);
}

/// "above the average age"
template <Fn fn>
void beyond_average(RuleOutput& out, Parts parts) {
  if (goes_on(out, parts)) return;
  add(out, Condition::Kind::average, fn, parts.back()->as<Quantity>());
}
/// "whose age is above average", "whose age is above the average age"
template <Fn fn>
void quantity_beyond_average(RuleOutput& out, Parts parts) {
  if ((parts.size() == 4 && !same_quantity(parts)) || goes_on(out, parts)) return;
  add(out, Condition::Kind::average, fn, parts.front()->as<Quantity>());
}
/// "a weight greater than average" with the quantity between: "more weight than average"
template <Fn fn>
void more_than_average(RuleOutput& out, Parts parts) {
  if (goes_on(out, parts)) return;
  add(out, Condition::Kind::average, fn, parts[1]->as<Quantity>());
}
bool superlative(const RuleOutput& out, const Item& adjective) {
  const std::string& word = out.words[adjective.begin].lower;
  return word.ends_with("st") || word == "least" || word == "top";
}

/// "older than average"
void adjective_average(RuleOutput& out, Parts parts) {
  if (superlative(out, *parts[0]) || goes_on(out, parts)) return;
  const auto& adjective = parts[0]->as<Adjective>();
  add(out, Condition::Kind::average, Fn::gt, {.noun = adjective.more});
  add(out, Condition::Kind::average, Fn::lt, {.noun = adjective.less});
}
/// "a larger accelerate than the car with the largest horsepower"
template <Fn fn>
void versus(RuleOutput& out, Parts parts) {
  Quantity what = parts[1]->as<Quantity>(), other = what;
  other.of = parts.back()->as<SetPtr>();
  if (other.of->ranking) add(out, Condition::Kind::versus, fn, what, other);
}
/// "older than the singer with the highest …"
void adjective_versus(RuleOutput& out, Parts parts) {
  if (superlative(out, *parts[0])) return;
  const auto& adjective = parts[0]->as<Adjective>();
  const auto& set = parts.back()->as<SetPtr>();
  if (!set->ranking && set->conditions.empty()) return;
  add(out, Condition::Kind::versus, Fn::gt, {.noun = adjective.more}, Quantity{.noun = adjective.more, .of = set});
  add(out, Condition::Kind::versus, Fn::lt, {.noun = adjective.less}, Quantity{.noun = adjective.less, .of = set});
}

/// Whether what follows the group's name says which one it is: "category Beverages".
bool is_named_next(const RuleOutput& out, const Set& group) {
  const auto values = out.known.schema.index.values_at(out.words, group.noun.end, out.known.lexicon);
  return group.noun.end < out.words.size() &&
         std::ranges::any_of(
             values,
             [&](const Mention& value) { return std::ranges::any_of(value.links, [&](const Link& link) { return link.table == group.table; }); });
}

/// "above the average of category Beverages": that of the rows that belong to it.
void add_of_members(RuleOutput& out, Fn fn, const Quantity& what, const SetPtr& group) {
  for (const Link& link : what.noun.links) {
    const double far = link.kind == Link::Kind::column && link.table != group->table ? out.known.distance(link.table, group->table) : 0;
    if (link.kind != Link::Kind::column || link.table == group->table || far >= Known::kUnreachable) continue;
    Condition condition{.kind = Condition::Kind::average, .what = what, .fn = fn};
    condition.what->noun.links = {link};
    condition.set = set_of({.table = link.table, .conditions = {condition_of({.kind = Condition::Kind::member, .set = group})}});
    out.add(Cat::condition, condition_of(std::move(condition)), kSaid + far);
  }
}

/// "whose price is above the average of their category"
void add_of_group(RuleOutput& out, Fn fn, const Quantity& what, const SetPtr& group) {
  if (what.fn || what.kind != Quantity::Kind::column || what.noun.links.empty() || group->ranking) return;
  if (group->conditions.empty() && is_named_next(out, *group)) return;
  // "the average doctor salary" is no average of each salary.
  const bool itself =
      std::ranges::any_of(what.noun.links, [&](const Link& link) { return link.table == group->table && link.column == group->column; });
  if (itself) return;
  // "the mean age of pets", of pets, is that of all of them.
  const bool own = group->column < 0 && std::ranges::any_of(what.noun.links, [&](const Link& link) { return link.table == group->table; });
  if (own && group->conditions.empty()) return add(out, Condition::Kind::average, fn, what);
  // "the average price of products in category Book" is that of those products alone.
  if (!own && !group->conditions.empty()) return group->column < 0 ? add_of_members(out, fn, what, group) : void();
  Condition condition{.kind = Condition::Kind::average, .what = what, .fn = fn, .set = group};
  out.add(Cat::condition, condition_of(std::move(condition)), kOfGroup);
}
template <Fn fn>
void beyond_average_of(RuleOutput& out, Parts parts) {
  if (parts.size() == 5 && !same_quantity(parts.first(4))) return;
  add_of_group(out, fn, parts.front()->as<Quantity>(), parts.back()->as<SetPtr>());
}
/// "priced above the average price of category Beverages"
template <Fn fn>
void beyond_average_quantity_of(RuleOutput& out, Parts parts) {
  add_of_group(out, fn, parts[2]->as<Quantity>(), parts.back()->as<SetPtr>());
}
void adjective_average_of(RuleOutput& out, Parts parts) {
  if (superlative(out, *parts[0])) return;
  const auto& adjective = parts[0]->as<Adjective>();
  add_of_group(out, Fn::gt, {.noun = adjective.more}, parts.back()->as<SetPtr>());
  add_of_group(out, Fn::lt, {.noun = adjective.less}, parts.back()->as<SetPtr>());
}

template <Fn fn>
void add_rules(std::vector<Rule>& rules, Role direct, Role comparative) {
  const Symbol quantity = sym(Cat::quantity), average = role(Role::average), set = sym(Cat::set);
  rules.push_back({"beyond average", {role(direct), average, quantity}, true, beyond_average<fn>});
  rules.push_back({"quantity beyond average", {quantity, role(direct), average}, true, quantity_beyond_average<fn>});
  rules.push_back({"quantity beyond average quantity", {quantity, role(direct), average, quantity}, true, quantity_beyond_average<fn>});
  rules.push_back({"more than average", {role(comparative), quantity, average}, true, more_than_average<fn>});
  rules.push_back({"beyond average of a group", {quantity, role(direct), average, set}, true, beyond_average_of<fn>});
  rules.push_back({"beyond average quantity of a group", {quantity, role(direct), average, quantity, set}, true, beyond_average_of<fn>});
  rules.push_back({"beyond average quantity of a set", {role(direct), average, quantity, set}, true, beyond_average_quantity_of<fn>});
  rules.push_back({"versus", {role(comparative), quantity, set}, true, versus<fn>});
}

}  // namespace

std::vector<Rule> average_rules() {
  std::vector<Rule> rules{{"adjective average", {sym(Cat::adjective), role(Role::average)}, true, adjective_average},
                          {"adjective average quantity", {sym(Cat::adjective), role(Role::average), sym(Cat::quantity)}, true, adjective_average},
                          {"adjective average of a group", {sym(Cat::adjective), role(Role::average), sym(Cat::set)}, true, adjective_average_of},
                          {"adjective versus", {sym(Cat::adjective), sym(Cat::set)}, true, adjective_versus}};
  add_rules<Fn::gt>(rules, Role::greater, Role::more);
  add_rules<Fn::lt>(rules, Role::less, Role::fewer);
  return rules;
}

}  // namespace sluice::planner
