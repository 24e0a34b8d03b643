#pragma once
#include "planner/known.h"
#include "planner/resolve.h"

namespace sluice::planner {

inline bool is_window(const Quantity& quantity) { return quantity.kind == Quantity::Kind::window; }
/// Whether it tells by how much a period has more than the one before.
inline bool is_change(const Quantity& one) {
  return is_window(one) && (one.trend == Quantity::Trend::change || one.trend == Quantity::Trend::growth);
}
/// The windows among what a query shows.
std::vector<Quantity> windows_of(const Query& query);

/// The query with every window made of the number that it belongs to ("its revenue and the change": that of the revenue), and with the periods that
/// a window alone names as groups ("the change from the previous month": per month). Nothing where it is not clear of what one is made.
std::optional<Query> with_numbers(const Known& known, const Query& query);
/// The query with the numbers in the place of the windows that are made of them.
Query without_windows(const Query& query);
/// The same query, settled, with its windows again.
Query with_windows(const Query& settled, const Query& before);

}  // namespace sluice::planner
