#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

constexpr double kAsked = -0.1;

/// "Are there any singers from France?": how many there are says it, and more.
void existence(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  const std::size_t at = parts[0]->begin;
  if ((at > 0 && out.words[at - 1].kind != WordKind::stop) || set->ranking) return;
  if (std::size_t{parts.back()->end} + 1 < out.words.size()) return;  // more is asked for
  out.add(Cat::query, Query{.outputs = {.list = {Quantity{.kind = Quantity::Kind::rows, .distinct = set->column >= 0, .of = set}}}}, kAsked);
}

}  // namespace

std::vector<Rule> existence_rules() { return {{"are there any", {role(Role::existence), sym(Cat::set)}, true, existence}}; }

}  // namespace sluice::planner
