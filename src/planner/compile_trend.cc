#include <algorithm>

#include "planner/compiler.h"
#include "planner/meaning_key.h"
#include "planner/understood.h"
#include "planner/windows.h"

namespace sluice::planner {

using plan::Expr;
using plan::Fn;
using Trend = Quantity::Trend;

/// The numbers of each period, and by what names its columns go.
struct Compiler::Periods {
  plan::SpecDraft draft{};
  std::vector<std::string> keys{}, times{}, partition{};  ///< all that the groups are told by; those that say when; and the others
  std::vector<std::string> hidden{};                      ///< keys that are not shown
  std::vector<std::pair<std::uint64_t, std::string>> numbers{};

  std::string name_of(const Quantity& number) const {
    const auto found = std::ranges::find(numbers, key_of(Meaning(number)), &std::pair<std::uint64_t, std::string>::first);
    return found == numbers.end() ? "" : found->second;
  }
};

namespace {

constexpr const char *kInside = "periods", *kOutside = "changes";

std::string_view called(Trend trend) { return trend == Trend::running ? "running_total" : trend == Trend::growth ? "growth_percent" : "change"; }

/// Of several numbers, each window says of which it is.
std::string window_name(const Quantity& window, const std::string& number, bool several) {
  return std::string(called(window.trend)) + (several ? "_of_" + number : "");
}
std::string previous_name(const std::string& number, bool several) { return std::string("previous") + (several ? "_" + number : ""); }

}  // namespace

Query Compiler::numbers_alone() const {
  Query out = query_;
  out.outputs.list.clear();
  std::vector<std::uint64_t> seen;
  const auto add = [&](const Output& output) {
    const std::uint64_t key = std::visit([](const auto& one) { return key_of(Meaning(one)); }, output);
    if (std::ranges::find(seen, key) != seen.end()) return;
    seen.push_back(key);
    out.outputs.list.push_back(output);
  };
  for (const Output& output : query_.outputs.list) {
    const auto* quantity = std::get_if<Quantity>(&output);
    add(quantity != nullptr && is_window(*quantity) ? Output(quantity->parts.front()) : output);
  }
  return out;
}

Result<> Compiler::check_periods(const std::vector<Quantity>& windows) const {
  const Quantity* period = nullptr;
  for (const Group& group : query_.groups)
    if (const auto* one = std::get_if<Quantity>(&group.key); one != nullptr && one->period) {
      if (period != nullptr) return shape_error("it is not clear over which periods something adds up or grows", "name one: \"per month\"");
      period = one;
    }
  if (period == nullptr) return shape_error("it is not clear over which periods something adds up or grows", "say \"per month\" or \"per year\"");
  const Role unit = *period->period;
  // What comes again every week or day has no one before it.
  if (unit == Role::weekday || unit == Role::hour) return shape_error("weekdays and hours come again, and have none before them", "say \"per day\"");
  const bool changes = std::ranges::any_of(windows, [](const Quantity& one) { return one.trend != Trend::running; });
  for (const Condition& said : periods_of(known_, known_.words(), query_)) {
    if (!changes) continue;
    const auto from = day_of(said.period.from), to = day_of(said.period.to);
    const bool again = said.period.month != 0 || said.period.weekdays != 0;
    const bool alone = from && to && later(start_of(unit, *from), unit, 1) >= *to;
    if (again || alone) return shape_error("the period before is not among those that the question speaks of", "name a longer time, such as a year");
  }
  return {};
}

std::string Compiler::column_of_number(const Quantity& number) {
  const auto value = measure_expr(number);
  if (!value) return "";
  const auto shown = std::ranges::find(columns_, *value, &plan::Named::value);
  return shown == columns_.end() ? "" : shown->name;
}

Result<Compiler::Periods> Compiler::periods_of_numbers() {
  Query numbers = numbers_alone();
  numbers.order.clear();
  Compiler inner(known_, numbers, guesses_);
  Periods out;
  TRY(out.draft, inner.run());
  const auto unclear = [] { return shape_error("it is not clear what adds up or grows", "ask for one number per period"); };
  if (out.draft.limit || inner.groups_.empty() || out.draft.select.group_by != inner.groups_ || !inner.rows_) return unclear();
  out.draft.order_by.clear();
  const auto times = inner.period_keys();
  if (times.empty()) return unclear();
  for (const Expr& key : inner.groups_) {
    auto shown = std::ranges::find(out.draft.select.columns, key, &plan::Named::value);
    if (shown == out.draft.select.columns.end()) {
      out.hidden.push_back("group_key_" + std::to_string(out.hidden.size() + 1));
      out.draft.select.columns.push_back({out.hidden.back(), key});
      shown = out.draft.select.columns.end() - 1;
    }
    const bool time = std::ranges::find(times, key) != times.end();
    (time ? out.times : out.partition).push_back(shown->name);
    out.keys.push_back(shown->name);
  }
  for (const Output& output : numbers.outputs.list)
    if (const auto* number = std::get_if<Quantity>(&output); number != nullptr && is_measure(*number)) {
      const std::string name = inner.column_of_number(*number);
      if (name.empty()) return unclear();
      out.numbers.emplace_back(key_of(Meaning(*number)), name);
    }
  return out;
}

Result<std::vector<plan::OrderKey>> Compiler::order_of_periods(const Periods& periods) const {
  std::vector<plan::OrderKey> out;
  const auto add = [&](const std::vector<std::string>& names, bool descending) {
    for (const std::string& name : names) out.push_back({plan::column("", name), descending});
  };
  const auto shown = [&](const std::string& name) { return std::ranges::find(periods.hidden, name) == periods.hidden.end(); };
  for (const Ranking& order : query_.order) {
    if (order.by.kind == Quantity::Kind::everything && order.by.period) {
      add(periods.times, order.descending);
      continue;
    }
    const std::string name = is_window(order.by) ? std::string(called(order.by.trend)) : periods.name_of(order.by);
    if (name.empty() || (is_window(order.by) && periods.numbers.size() > 1))
      return shape_error("the periods are put in order by what is not shown", "order them by a column of the answer");
    add({name}, order.descending);
  }
  if (!out.empty()) return out;
  for (const std::string& key : periods.partition)
    if (shown(key)) add({key}, false);
  add(periods.times, false);
  return out;
}

Result<plan::SpecDraft> Compiler::over_periods(const std::vector<Quantity>& windows) {
  TRY_VOID(check_periods(windows));
  if (query_.keep_empty) return shape_error("groups without any rows have no periods", "leave them out");
  TRY(Periods periods, periods_of_numbers());
  TRY(auto order, order_of_periods(periods));
  const bool several = periods.numbers.size() > 1;
  // A number has one column, and two windows of it share what was before.
  plan::SpecDraft draft;
  std::vector<Expr> partition;
  std::vector<plan::OrderKey> in_time;
  partition.reserve(periods.partition.size());
  in_time.reserve(periods.times.size());
  for (const std::string& key : periods.partition) partition.push_back(plan::column(kInside, key));
  for (const std::string& key : periods.times) in_time.push_back({plan::column(kInside, key), false});
  for (const plan::Named& one : periods.draft.select.columns)
    if (std::ranges::find(periods.hidden, one.name) == periods.hidden.end())
      draft.select.columns.push_back({one.name, plan::column(kInside, one.name)});
  bool compares = false;
  for (const Quantity& window : windows) {
    const Quantity& number = window.parts.front();
    const bool running = window.trend == Trend::running;
    if (running && number.kind != Quantity::Kind::rows && number.fn != Fn::sum)
      return shape_error("what adds up has to be a sum or a number of rows", "ask for a running total");
    const std::string name = periods.name_of(number);
    plan::Window made{.name = running ? window_name(window, name, several) : previous_name(name, several),
                      .fn = running ? plan::WindowFn::sum : plan::WindowFn::lag,
                      .partition_by = partition,
                      .order_by = in_time,
                      .args = {plan::column(kInside, name)}};
    compares = compares || !running;
    if (std::ranges::find(draft.select.windows, made.name, &plan::Window::name) == draft.select.windows.end())
      draft.select.windows.push_back(std::move(made));
  }
  draft.select.from = plan::from_query(std::move(periods.draft), kInside);
  if (!compares) {
    draft.order_by = std::move(order);
    return draft;
  }
  plan::SpecDraft out;
  const auto show = [&](const std::string& name, Expr value) {
    if (std::ranges::find(out.select.columns, name, &plan::Named::name) == out.select.columns.end())
      out.select.columns.push_back({name, std::move(value)});
  };
  for (const plan::Named& one : draft.select.columns) show(one.name, plan::column(kOutside, one.name));
  for (const Quantity& window : windows) {
    const std::string number = periods.name_of(window.parts.front()), name = window_name(window, number, several);
    const Expr now = plan::column(kOutside, number), before = plan::column(kOutside, previous_name(number, several));
    const Expr change = plan::call(Fn::subtract, {now, before});
    show(name, window.trend == Trend::running  ? plan::column(kOutside, name)
               : window.trend == Trend::growth ? plan::call(Fn::divide, {plan::call(Fn::multiply, {Expr{hundred()}, change}), before})
                                               : change);
  }
  out.select.from = plan::from_query(std::move(draft), kOutside);
  for (plan::OrderKey& key : order)
    if (const auto* ref = std::get_if<plan::ColumnRef>(&key.value.node); ref != nullptr)
      if (const auto shown = std::ranges::find(out.select.columns, ref->column, &plan::Named::name); shown != out.select.columns.end())
        out.order_by.push_back({shown->value, key.descending});
  return out;
}

}  // namespace sluice::planner
