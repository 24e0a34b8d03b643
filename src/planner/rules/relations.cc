#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using plan::Fn;
using plan::Literal;

constexpr double kMember = 0.08, kTight = 0.5, kCount = 0.02, kFar = 0.06;

/// "from an airport in the USA", "arriving at JFK"
Condition::Way way_before(const RuleOutput& out, std::size_t begin) {
  constexpr std::size_t kBack = 4;
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i) {
    if (out.known.lexicon.says_from(out.words[i - 1])) return Condition::Way::from;
    if (out.known.lexicon.says_to(out.words[i - 1])) return Condition::Way::to;
    const auto phrases = out.known.lexicon.phrases_at(out.words, i - 1);
    if (std::ranges::none_of(phrases, [](const auto& one) { return is_filler(one.role); })) break;
  }
  return Condition::Way::none;
}

/// "concerts in both 2014 and 2015": each year may be that of another concert.
ConditionPtr spread(const RuleOutput& out, const Item& item) {
  const auto& set = item.as<SetPtr>();
  const auto way = way_before(out, item.begin);
  const auto both = std::ranges::find_if(set->conditions, [](const ConditionPtr& one) { return one->kind == Condition::Kind::both; });
  if (both == set->conditions.end()) return condition_of({.kind = Condition::Kind::member, .set = set, .way = way});
  Condition all{.kind = Condition::Kind::all};
  for (const ConditionPtr& part : (*both)->parts) {
    Set one = *set;
    one.conditions[static_cast<std::size_t>(both - set->conditions.begin())] = part;
    all.parts.push_back(condition_of({.kind = Condition::Kind::member, .set = set_of(std::move(one)), .way = way}));
  }
  return condition_of(std::move(all));
}

/// "are", "is a"
bool after_predicate(const RuleOutput& out, std::size_t begin) {
  constexpr std::size_t kBack = 3;
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i) {
    const auto phrases = out.known.lexicon.phrases_at(out.words, i - 1);
    if (out.known.lexicon.says_being(out.words[i - 1])) return true;
    if (std::ranges::none_of(phrases, [](const auto& one) { return one.role == Role::glue || one.role == Role::negation; })) break;
  }
  return false;
}

/// "students who have a cat", "concerts in the stadium with the highest capacity"
void set_of_set(RuleOutput& out, Parts parts) {
  const Set& set = *parts[0]->as<SetPtr>();
  const auto& other = parts.back()->as<SetPtr>();
  // Who others "report to" is not said yet.
  if (names_what_rows_are(out, set, *parts.back()) || (is_role_verb(out, *parts.back()) && other->conditions.empty())) return;
  // Rows of a table do not belong to others of the same.
  if (set.table == other->table && (set.column < 0 || (other->column >= 0 && other->conditions.empty() && !other->ranking))) return;
  if (request_between(out, *parts[0], *parts.back()) || is_shown_with(out, parts.back()->begin)) return;
  if (set.table != other->table && all_before(out, parts.back()->begin)) return;
  // "in the domain", after "authors who have written publications", is said of the publications first.
  const bool far = !set.conditions.empty() && set.conditions.back()->kind == Condition::Kind::member;
  restrict_set(out, set, spread(out, *parts.back()), kMember + (out.gap_before(1) == 0 ? kTight : 0) + (far ? kFar : 0));
}

void set_as_condition(RuleOutput& out, Parts parts) {
  if (is_shown_with(out, parts[0]->begin)) return;
  const RoleTable* role = out.known.role(parts[0]->as<SetPtr>()->table);
  if (role != nullptr && role->of_itself() && after_predicate(out, parts[0]->begin)) return;
  if (is_role_verb(out, *parts[0]) && parts[0]->as<SetPtr>()->conditions.empty()) return;
  if (!all_before(out, parts[0]->begin)) out.add(Cat::condition, spread(out, *parts[0]), kMember);
}

/// "more than 3 models", "2 cats"
void number_of_set(RuleOutput& out, Parts parts) {
  const auto& comparison = *parts[0]->as<ConditionPtr>();
  const auto& set = parts.back()->as<SetPtr>();
  if (comparison.kind != Condition::Kind::compare || set->ranking) return;
  // "born in 1980 with appointments" says nothing of their number.
  const bool bare = parts.front()->end == parts.front()->begin + 1 && out.words[parts.front()->begin].kind == WordKind::number;
  if (bare && parts.front()->end != parts.back()->begin) return;
  if (!std::ranges::all_of(comparison.operands, [](const Literal& operand) { return operand.type == TypeKind::integer; })) return;
  Condition condition = comparison;
  condition.kind = Condition::Kind::count;
  condition.set = set;
  out.add(Cat::condition, condition_of(std::move(condition)), kCount);
}

}  // namespace

bool names_what_rows_are(const RuleOutput& out, const Set& set, const Item& other) {
  const RoleTable* role = out.known.role(other.as<SetPtr>()->table);
  return role != nullptr && role->base == set.table && after_predicate(out, other.begin) && other.as<SetPtr>()->conditions.empty() &&
         !is_role_verb(out, other);
}

std::optional<std::size_t> all_before(const RuleOutput& out, std::size_t begin) {
  constexpr std::size_t kBack = 3;
  for (std::size_t i = begin; i > 0 && begin - i < kBack; --i)
    for (const Lexicon::Phrase& phrase : out.known.lexicon.phrases_at(out.words, i - 1))
      if (phrase.role == Role::universal && i - 1 + phrase.words == begin) return i - 1;
  return std::nullopt;
}

bool is_shown_with(const RuleOutput& out, std::size_t begin) {
  return begin > 1 && out.known.lexicon.says_own(out.words[begin - 1]) && out.known.lexicon.says_having(out.words[begin - 2]);
}

bool computed(const Output& output) {
  const auto* quantity = std::get_if<Quantity>(&output);
  return quantity != nullptr && (quantity->fn || quantity->kind != Quantity::Kind::column);
}

bool request_between(const RuleOutput& out, const Item& first, const Item& second) {
  const auto gap = std::span(out.words).subspan(first.end, second.begin - first.end);
  return std::ranges::any_of(gap, [&](const Word& word) { return out.known.lexicon.asks(word); });
}

bool clause_between(const RuleOutput& out, const Item& first, const Item& second) {
  const auto gap = std::span(out.words).subspan(first.end, second.begin - first.end);
  return request_between(out, first, second) || std::ranges::any_of(gap, [&](const Word& word) { return out.known.lexicon.opens_clause(word); });
}

std::vector<Rule> relation_rules() {
  const Symbol set = sym(Cat::set), comparison = sym(Cat::comparison);
  return {{"set of set", {set, set}, true, set_of_set},
          {"set as condition", {set}, true, set_as_condition},
          {"number of a set", {comparison, set}, true, number_of_set},
          {"count compared", {comparison, role(Role::count), set}, true, number_of_set}};
}

}  // namespace sluice::planner
