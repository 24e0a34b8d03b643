#include <algorithm>

#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kJoin = 0.03, kAllDenied = 0.15;

/// "JFK to LAX or SFO": of one value more is said, and the other may be meant in the place of that.
bool says_more_than(const Condition& longer, const Condition& value) {
  return value.kind == Condition::Kind::value && longer.kind == Condition::Kind::member && longer.set->by_value && longer.set->conditions.size() > 1;
}

template <Condition::Kind kind>
void join(RuleOutput& out, Parts parts) {
  const ConditionPtr *first = nullptr, *second = nullptr;
  for (const Item* part : parts)
    if (part->cat == Cat::condition) (first == nullptr ? first : second) = &part->as<ConditionPtr>();
  if (second == nullptr) return;
  if (kind == Condition::Kind::any && (says_more_than(**first, **second) || says_more_than(**second, **first))) return;
  // "above 30 and also below 25": each may be true of another.
  const auto also = [&](const Item* part) {
    const auto phrases = out.known.lexicon.phrases_at(out.words, part->begin);
    return part->cat == Cat::role && std::ranges::any_of(phrases, [&](const auto& one) { return one.role == Role::and_also; });
  };
  // "except Sales and Legal" leaves out both.
  const bool but =
      std::ranges::any_of(parts, [&](const Item* part) { return part->cat == Cat::role && out.known.lexicon.turns(out.words[part->begin]); });
  const auto& denied = **first;
  if (!but && denied.kind == Condition::Kind::none && denied.parts.front()->kind == Condition::Kind::value &&
      (*second)->kind == Condition::Kind::value) {
    const ConditionPtr any = condition_of({.kind = Condition::Kind::any, .parts = {denied.parts.front(), *second}});
    return out.add(Cat::condition, condition_of({.kind = Condition::Kind::none, .parts = {any}}), 0);
  }
  const auto joined = kind == Condition::Kind::all && std::ranges::any_of(parts, also) ? Condition::Kind::both : kind;
  Condition condition{.kind = joined};
  const auto add = [&](const ConditionPtr& one) {
    if (one->kind == joined)
      condition.parts.insert(condition.parts.end(), one->parts.begin(), one->parts.end());
    else
      condition.parts.push_back(one);
  };
  add(*first);
  add(*second);
  out.add(Cat::condition, condition_of(std::move(condition)), kJoin);
}

/// "1996, 1997 and 1998": the first goes with the others as they do with each other.
void listed(RuleOutput& out, Parts parts) {
  const auto &first = parts.front()->as<ConditionPtr>(), &rest = parts.back()->as<ConditionPtr>();
  using Kind = Condition::Kind;
  const bool alike = (first->kind == Kind::period && !first->what) || first->kind == Kind::value;
  if (!alike || (rest->kind != Kind::all && rest->kind != Kind::any)) return;
  const auto as_first = [&](const ConditionPtr& one) {
    return one->kind == first->kind && one->what.has_value() == first->what.has_value() && one->period.has_dates() == first->period.has_dates();
  };
  if (!std::ranges::all_of(rest->parts, as_first)) return;
  Condition all{.kind = rest->kind, .parts = {first}};
  all.parts.insert(all.parts.end(), rest->parts.begin(), rest->parts.end());
  out.add(Cat::condition, condition_of(std::move(all)), 0);
}

/// "not from Russia", "without any concert", "never won an award"
void negated(RuleOutput& out, Parts parts) {
  const auto& inner = parts[1]->as<ConditionPtr>();
  if (inner->kind == Condition::Kind::none) return;
  // "not from Russia and older than 30" denies the first alone.
  const bool several = inner->kind == Condition::Kind::all || inner->kind == Condition::Kind::both;
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::none, .parts = {inner}}), several ? kAllDenied : 0);
}

}  // namespace

std::vector<Rule> logic_rules() {
  using enum Condition::Kind;
  const Symbol condition = sym(Cat::condition), then = role(Role::conjunction), otherwise = role(Role::either_or), comma = role(Role::comma);
  return {{"not", {role(Role::negation), condition}, true, negated},
          {"and", {condition, then, condition}, true, join<all>},
          {", and", {condition, comma, then, condition}, true, join<all>},
          {"listed", {condition, comma, condition}, false, listed},
          {"or", {condition, otherwise, condition}, true, join<any>},
          {", or", {condition, comma, otherwise, condition}, true, join<any>},
          {"either or", {role(Role::either), condition, otherwise, condition}, true, join<any>},
          {"both and", {role(Role::both), condition, then, condition}, true, join<both>},
          {"and both", {condition, then, condition, role(Role::both)}, true, join<both>}};
}

}  // namespace sluice::planner
