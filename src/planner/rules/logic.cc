#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kJoin = 0.03;

template <Condition::Kind kind>
void join(RuleOutput& out, Parts parts) {
  const ConditionPtr *first = nullptr, *second = nullptr;
  for (const Item* part : parts)
    if (part->cat == Cat::condition) (first == nullptr ? first : second) = &part->as<ConditionPtr>();
  Condition condition{.kind = kind};
  const auto add = [&](const ConditionPtr& one) {
    if (one->kind == kind)
      condition.parts.insert(condition.parts.end(), one->parts.begin(), one->parts.end());
    else
      condition.parts.push_back(one);
  };
  add(*first);
  add(*second);
  out.add(Cat::condition, condition_of(std::move(condition)), kJoin);
}

/// "not from Russia", "without any concert", "never won an award"
void negated(RuleOutput& out, Parts parts) {
  const auto& inner = parts[1]->as<ConditionPtr>();
  if (inner->kind == Condition::Kind::none) return;
  out.add(Cat::condition, condition_of({.kind = Condition::Kind::none, .parts = {inner}}), 0);
}

}  // namespace

std::vector<Rule> logic_rules() {
  using enum Condition::Kind;
  const Symbol condition = sym(Cat::condition), then = role(Role::conjunction), otherwise = role(Role::either_or), comma = role(Role::comma);
  return {{"not", {role(Role::negation), condition}, true, negated},
          {"and", {condition, then, condition}, true, join<all>},
          {", and", {condition, comma, then, condition}, true, join<all>},
          {"or", {condition, otherwise, condition}, true, join<any>},
          {", or", {condition, comma, otherwise, condition}, true, join<any>},
          {"either or", {role(Role::either), condition, otherwise, condition}, true, join<any>},
          {"both and", {role(Role::both), condition, then, condition}, true, join<both>},
          {"and both", {condition, then, condition, role(Role::both)}, true, join<both>}};
}

}  // namespace sluice::planner
