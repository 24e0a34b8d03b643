#include <algorithm>

#include "planner/compiler.h"

namespace sluice::planner {

using plan::Fn;

namespace {

constexpr double kGroupsWithout = 0.05;  // whether groups without any count is open

}  // namespace

Result<plan::SpecDraft> Compiler::over_groups(const Quantity& measure) {
  if (query_.groups.size() != 1 || query_.outputs.list.size() != 1 || !query_.order.empty() || query_.keep_empty)
    return shape_error("it is not clear over which groups the numbers are taken together", "say \"average number of … per …\" alone");
  Query inner = query_;
  Quantity one = measure;
  one.over.reset();
  inner.outputs.list = {one};
  TRY(plan::SpecDraft groups, compile(known_, inner, guesses_));
  if (groups.limit) return shape_error("it is not clear over which groups the numbers are taken together", "ask for all of them");
  if (heads_.front().set != nullptr && heads_.front().set->column < 0 && groups.select.from.table == table(heads_.front().set->table).name)
    return shape_error("each row has at most one of those counted", "name what they are counted for");
  const plan::Named value = groups.select.columns.back();
  groups.select.columns = {value};
  groups.order_by.clear();
  guesses_.cost += kGroupsWithout;
  constexpr std::pair<Fn, std::string_view> kNames[] = {{Fn::avg, "average_"}, {Fn::min, "lowest_"}, {Fn::max, "highest_"}, {Fn::median, "median_"}};
  const auto name = std::ranges::find(kNames, *measure.over, &std::pair<Fn, std::string_view>::first);
  if (name == std::end(kNames)) return shape_error("the numbers of the groups are added up", "ask for the total");
  plan::SpecDraft draft;
  draft.select.from = plan::from_query(std::move(groups), "per_group");
  draft.select.columns = {{std::string(name->second) + value.name, plan::call(*measure.over, {plan::column("per_group", value.name)})}};
  return draft;
}

}  // namespace sluice::planner
