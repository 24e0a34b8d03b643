#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kAsThing = 0.12, kBefore = 0.05, kEither = 0.12, kFarBefore = 0.2;
constexpr std::size_t kSetsMax = 4;

Condition condition_on(const Noun& value) {
  Condition condition{.kind = Condition::Kind::value, .value = value};
  condition.begin = value.begin;
  condition.end = value.end;
  return condition;
}

Condition::Way way_before(const RuleOutput& out, std::size_t begin) {
  if (begin > 0 && out.known.lexicon.says_to(out.words[begin - 1])) return Condition::Way::to;
  if (begin > 0 && out.known.lexicon.says_from(out.words[begin - 1])) return Condition::Way::from;
  return Condition::Way::none;
}

void value_as_condition(RuleOutput& out, Parts parts) {
  const Noun& value = parts[0]->as<Noun>();
  Condition condition = condition_on(value);
  std::size_t begin = value.begin;
  const auto pairs = [](const Lexicon::Phrase& one) { return one.role == Role::both || one.role == Role::either; };
  if (begin > 1 && std::ranges::any_of(out.known.lexicon.phrases_at(out.words, begin - 1), pairs)) --begin;
  condition.way = way_before(out, begin);
  out.add(Cat::condition, condition_of(std::move(condition)), 0);
}

/// "volvos", "a cat": rows that have the value.
void value_as_set(RuleOutput& out, Parts parts) {
  const Noun& value = parts[0]->as<Noun>();
  std::size_t made = 0;
  for (const Link& link : value.links) {
    if (made++ == kSetsMax) return;
    // Only words name a role.
    if (out.known.role(link.table) != nullptr || belongs_to_role(out.known, link.table, value.begin)) continue;
    Noun one = value;
    one.links = {link};
    Set set{.table = link.table, .noun = one, .by_value = true};
    set.conditions.push_back(condition_of(condition_on(one)));
    out.add(Cat::set, set_of(std::move(set)), cost_of(link) + kAsThing);
  }
}

bool of_values(const Condition& condition) {
  if (condition.kind == Condition::Kind::value) return true;
  const bool joined = condition.kind == Condition::Kind::any || condition.kind == Condition::Kind::both;
  return joined && std::ranges::all_of(condition.parts, [](const ConditionPtr& part) { return of_values(*part); });
}

/// "French singers", "cat or dog pets"
void value_before_set(RuleOutput& out, Parts parts) {
  const auto& condition = parts[0]->as<ConditionPtr>();
  const Set& set = *parts[1]->as<SetPtr>();
  if (is_role_verb(out, *parts[1])) return;
  if (of_values(*condition)) restrict_set(out, set, condition, out.gap_before(1) == 0 ? kBefore : kFarBefore);
}

/// "double and twin rooms": either of two values of a column of theirs.
void values_before_set(RuleOutput& out, Parts parts) {
  const Set& set = *parts[3]->as<SetPtr>();
  if (set.column >= 0 || is_role_verb(out, *parts[3])) return;
  // "customers with paid and cancelled orders" may well want those who have both.
  const std::size_t begin = parts[0]->begin;
  const bool listed = begin == 0 || out.known.lexicon.opens_context(out.words[begin - 1]) || out.known.lexicon.asks(out.words[begin - 1]) ||
                      out.known.lexicon.does(out.words, begin - 1, Role::count);
  if (!listed) return;
  for (const Link& first : parts[0]->as<Noun>().links)
    for (const Link& second : parts[2]->as<Noun>().links) {
      if (first.table != set.table || second.table != set.table || first.column != second.column || first.value == second.value) continue;
      Condition either{.kind = Condition::Kind::any};
      for (const auto& [part, link] : {std::pair{parts[0], &first}, std::pair{parts[2], &second}}) {
        Noun noun = part->as<Noun>();
        noun.links = {*link};
        either.parts.push_back(condition_of(condition_on(noun)));
      }
      either.begin = parts[0]->begin;
      either.end = parts[2]->end;
      restrict_set(out, set, condition_of(std::move(either)), kEither + cost_of(first) + cost_of(second));
    }
}

/// "model volvo", "last name is Smith": the noun says which of the value's columns is meant.
void value_of_quantity(RuleOutput& out, Parts parts, bool negated) {
  const auto& quantity = parts.front()->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column) return;
  Noun found = parts.back()->as<Noun>();
  const auto named = [&](const Link& link) {
    return std::ranges::find_if(quantity.noun.links, [&](const Link& one) { return one.table == link.table && one.column == link.column; });
  };
  std::erase_if(found.links, [&](const Link& link) { return named(link) == quantity.noun.links.end(); });
  if (found.links.empty()) return;
  for (Link& link : found.links) link.score = std::min(link.score, named(link)->score);
  Condition condition = condition_on(found);
  condition.begin = quantity.noun.begin;
  if (negated) condition = {.kind = Condition::Kind::none, .parts = {condition_of(std::move(condition))}};
  out.add(Cat::condition, condition_of(std::move(condition)), -0.02);
}

/// "in ebony finish": the column of the value is said after it.
void value_before_column(RuleOutput& out, Parts parts) {
  constexpr double kNamed = 0.9;
  const auto& quantity = parts.back()->as<Quantity>();
  if (quantity.fn || quantity.kind != Quantity::Kind::column || quantity.of != nullptr) return;
  Noun found = parts.front()->as<Noun>();
  std::erase_if(found.links, [&](const Link& link) {
    return std::ranges::none_of(quantity.noun.links,
                                [&](const Link& one) { return one.table == link.table && one.column == link.column && one.score >= kNamed; });
  });
  if (found.links.empty()) return;
  Condition condition = condition_on(found);
  condition.end = parts.back()->end;
  out.add(Cat::condition, condition_of(std::move(condition)), -0.02);
}

/// "named 'Lettice'", "other than English"
void named(RuleOutput& out, Parts parts) {
  Condition condition = condition_on(parts.back()->as<Noun>());
  condition.way = way_before(out, condition.begin);
  out.add(Cat::condition, condition_of(std::move(condition)), 0);
}
void not_named(RuleOutput& out, Parts parts) {
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::none, .parts = {condition_of(condition_on(parts.back()->as<Noun>()))}}), 0);
}

}  // namespace

std::vector<Rule> value_rules() {
  const Symbol quantity = sym(Cat::quantity), value = sym(Cat::value);
  constexpr auto is = [](RuleOutput& out, Parts parts) { value_of_quantity(out, parts, false); };
  constexpr auto is_not = [](RuleOutput& out, Parts parts) { value_of_quantity(out, parts, true); };
  return {{"value as condition", {value}, true, value_as_condition},
          {"value as set", {value}, true, value_as_set},
          {"value before set", {sym(Cat::condition), sym(Cat::set)}, true, value_before_set},
          {"values before set", {value, role(Role::conjunction), value, sym(Cat::set)}, false, values_before_set},
          {"value of a quantity", {quantity, value}, true, is},
          {"value before its column", {value, quantity}, false, value_before_column},
          {"value of a quantity, said", {quantity, role(Role::equal), value}, true, is},
          {"named", {role(Role::equal), value}, true, named},
          {"not named", {role(Role::unequal), value}, true, not_named},
          {"not a value of a quantity", {quantity, role(Role::negation), value}, true, is_not},
          {"another value of a quantity", {quantity, role(Role::unequal), value}, true, is_not}};
}

}  // namespace sluice::planner
