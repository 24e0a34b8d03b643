#include "planner/measured.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

/// What a question leaves out is said of the rows that it names, sooner than of others that have some of them.
constexpr double kSaid = -0.05;

void remark(RuleOutput& out, Parts parts, bool kept) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->conditions.empty() || set->ranking || set->column >= 0) return;
  std::vector<ConditionPtr> said = set->conditions;
  if (!kept) {
    const ConditionPtr all = said.size() == 1 ? said.front() : condition_of({.kind = Condition::Kind::all, .parts = said});
    said = {condition_of({.kind = Condition::Kind::none, .parts = {all}})};
  }
  if (auto query = restricted_to(parts.front()->as<Query>(), set->table, said)) out.add(Cat::query, *std::move(query), kSaid);
}

/// "…, considering only completed orders", "… Only include completed orders."
void confined(RuleOutput& out, Parts parts) { remark(out, parts, true); }
/// "…, excluding cancelled orders", "… Do not include cancelled orders."
void left_out(RuleOutput& out, Parts parts) { remark(out, parts, false); }

/// "…, cancelled orders left out"
void left_out_after(RuleOutput& out, Parts parts) { remark(out, parts.first(parts.size() - 1), false); }
/// "…, cancelled left out", "…, cancelled don't count": where nothing names the rows, those that the value is one of.
void value_left_out(RuleOutput& out, Parts parts) {
  const auto& value = parts[parts.size() - 2]->as<ConditionPtr>();
  if (value->kind != Condition::Kind::value || value->value.links.empty()) return;
  const ConditionPtr none = condition_of({.kind = Condition::Kind::none, .parts = {value}});
  if (auto query = restricted_to(parts.front()->as<Query>(), value->value.links.front().table, {none})) out.add(Cat::query, *std::move(query), kSaid);
}

}  // namespace

std::vector<Rule> remark_rules() {
  const Symbol query = sym(Cat::query), set = sym(Cat::set), only = role(Role::confine), without = role(Role::omit), comma = role(Role::comma),
               stop = role(Role::stop), condition = sym(Cat::condition), omitted = role(Role::omitted);
  return {{"only", {query, only, set}, true, confined},
          {", only", {query, comma, only, set}, true, confined},
          {". Only", {query, stop, only, set}, true, confined},
          {"excluding", {query, without, set}, true, left_out},
          {", excluding", {query, comma, without, set}, true, left_out},
          {", left out", {query, comma, set, omitted}, true, left_out_after},
          {". Left out", {query, stop, set, omitted}, true, left_out_after},
          {", value left out", {query, comma, condition, omitted}, true, value_left_out},
          {". Value left out", {query, stop, condition, omitted}, true, value_left_out},
          {". Exclude", {query, stop, without, set}, true, left_out}};
}

}  // namespace sluice::planner
