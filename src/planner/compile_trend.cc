#include <algorithm>

#include "planner/compiler.h"

namespace sluice::planner {

using plan::Expr;
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

Result<plan::SpecDraft> Compiler::trend(const Quantity& measure) {
  if (query_.groups.size() != 1 || query_.outputs.list.size() != 1 || !query_.order.empty() || !heads_.front().period)
    return shape_error("it is not clear over which periods something adds up or grows", "say \"per month\" or \"per year\"");
  Query inner = query_;
  Quantity one = measure;
  one.trend = Quantity::Trend::none;
  inner.outputs.list = {one};
  TRY(plan::SpecDraft periods, compile(known_, inner, guesses_));
  const std::size_t keys = periods.select.group_by.size();  // a year and a month are two
  if (keys == 0 || periods.select.columns.size() != keys + 1)
    return shape_error("it is not clear what adds up or grows", "ask for one number per period");
  periods.order_by.clear();
  const std::string name = periods.select.columns.back().name, inside = "periods";
  std::vector<std::string> when;
  for (std::size_t i = 0; i < keys; ++i) when.push_back(periods.select.columns[i].name);
  const Expr value = plan::column(inside, name);
  plan::SpecDraft draft;
  draft.select.from = plan::from_query(std::move(periods), inside);
  std::vector<plan::OrderKey> order;
  for (const std::string& key : when) {
    draft.select.columns.push_back({key, plan::column(inside, key)});
    order.push_back({plan::column(inside, key), false});
  }
  draft.select.columns.push_back({name, value});
  const bool running = measure.trend == Quantity::Trend::running;
  draft.select.windows = {{.name = running ? "running_total" : "previous",
                           .fn = running ? plan::WindowFn::sum : plan::WindowFn::lag,
                           .order_by = std::move(order),
                           .args = {value}}};
  if (running) {
    if (one.kind != Quantity::Kind::rows && one.fn != Fn::sum)
      return shape_error("what adds up has to be a sum or a number of rows", "ask for a running total");
    for (const std::string& key : when) draft.order_by.push_back({plan::column("", key), false});
    return draft;
  }
  plan::SpecDraft out;
  const std::string outside = "changes";
  const Expr now = plan::column(outside, name), before = plan::column(outside, "previous");
  const Expr hundred{plan::Literal{TypeKind::decimal, Value{std::string("100.0")}}};
  const Expr change = plan::call(Fn::multiply, {hundred, plan::call(Fn::subtract, {now, before})});
  out.select.from = plan::from_query(std::move(draft), outside);
  for (const std::string& key : when) {
    out.select.columns.push_back({key, plan::column(outside, key)});
    out.order_by.push_back({plan::column(outside, key), false});
  }
  out.select.columns.push_back({name, now});
  out.select.columns.push_back({"growth_percent", plan::call(Fn::divide, {change, before})});
  return out;
}

}  // namespace sluice::planner
