#include "planner/windows.h"

#include <algorithm>

namespace sluice::planner {
namespace {

using Trend = Quantity::Trend;
using Kind = Quantity::Kind;

/// Whether a window of the trend may be made of what is shown: changes of what is computed, places also of plain numbers.
bool may_be_of(const Known& known, const Quantity& shown, Trend trend) {
  if (shown.kind == Kind::window || shown.kind == Kind::everything) return false;
  if (shown.kind != Kind::column || shown.fn) return true;
  return trend == Trend::rank &&
         std::ranges::any_of(shown.noun.links, [&](const Link& link) { return link.kind == Link::Kind::column && known.is_amount(link); });
}

/// The one number that the query shows beside the window; null where there is none, or several.
const Quantity* number_beside_window(const Known& known, const Query& query, Trend trend) {
  const Quantity* out = nullptr;
  bool computed = false;
  for (const Output& output : query.outputs.list) {
    const auto* one = std::get_if<Quantity>(&output);
    if (one == nullptr || !may_be_of(known, *one, trend)) continue;
    const bool computes = one->kind != Kind::column || one->fn;
    // A place is that of what is computed, sooner than of a column beside it.
    if (out != nullptr && computed && !computes) continue;
    if (out != nullptr && computed == computes) return nullptr;
    out = one;
    computed = computes;
  }
  return out;
}

/// Makes groups of the periods that a window compares, where the question makes none; false where it makes others, or where it may be meant of the
/// last period alone: "the change from the previous month".
bool group_by_unit(Query& query, const Quantity& window) {
  if (!is_change(window) || !window.period) return true;
  bool any = false;
  for (const Group& group : query.groups)
    if (const auto* period = std::get_if<Quantity>(&group.key); period != nullptr) {
      if (period->period != window.period) return false;
      any = true;
    }
  if (any || !window.distinct) return any;
  Quantity unit;
  unit.period = window.period;
  query.groups.push_back({.key = unit});
  return true;
}

}  // namespace

std::vector<Quantity> windows_of(const Query& query) {
  std::vector<Quantity> out;
  for (const Output& output : query.outputs.list)
    if (const auto* one = std::get_if<Quantity>(&output); one != nullptr && is_window(*one)) out.push_back(*one);
  return out;
}

std::optional<Query> with_numbers(const Known& known, const Query& query) {
  Query out = query;
  for (Output& output : out.outputs.list) {
    auto* window = std::get_if<Quantity>(&output);
    if (window == nullptr || !is_window(*window)) continue;
    if (window->parts.empty()) {
      const Quantity* number = number_beside_window(known, query, window->trend);
      if (number == nullptr) return std::nullopt;
      window->parts = {*number};
    }
    if (!group_by_unit(out, *window)) return std::nullopt;
  }
  // "ordered by rank": by the one that is shown.
  const auto windows = windows_of(out);
  for (Ranking& order : out.order) {
    if (!is_window(order.by)) continue;
    const auto same = [&](const Quantity& one) { return one.trend == order.by.trend; };
    if (std::ranges::count_if(windows, same) != 1) return std::nullopt;
    order.by = *std::ranges::find_if(windows, same);
  }
  return out;
}

Query without_windows(const Query& query) {
  Query out = query;
  for (Output& output : out.outputs.list)
    if (auto* window = std::get_if<Quantity>(&output); window != nullptr && is_window(*window)) {
      const Quantity number = window->parts.front();
      *window = number;
    }
  std::erase_if(out.order, [](const Ranking& one) { return is_window(one.by); });
  return out;
}

Query with_windows(const Query& settled, const Query& before) {
  Query out = settled;
  for (std::size_t i = 0; i < out.outputs.list.size() && i < before.outputs.list.size(); ++i) {
    const auto* window = std::get_if<Quantity>(&before.outputs.list[i]);
    auto* number = std::get_if<Quantity>(&out.outputs.list[i]);
    if (window == nullptr || number == nullptr || !is_window(*window)) continue;
    Quantity again = *window;
    again.parts = {*number};
    *number = std::move(again);
  }
  const auto windows = windows_of(out);
  for (std::size_t i = 0; i < before.order.size(); ++i) {
    if (!is_window(before.order[i].by)) continue;
    Ranking order = before.order[i];
    const auto same = std::ranges::find_if(windows, [&](const Quantity& one) { return one.trend == order.by.trend; });
    if (same != windows.end()) order.by = *same;
    out.order.insert(out.order.begin() + static_cast<std::ptrdiff_t>(std::min(i, out.order.size())), std::move(order));
  }
  return out;
}

}  // namespace sluice::planner
