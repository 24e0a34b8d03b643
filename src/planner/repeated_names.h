#pragma once
#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// "orders of Alfreds Futterkiste": the customer is called so, and the order's ship_name only repeats it, unless a word says that it is meant. Leaves
/// such columns out of what a value may be.
void leave_out_repeated_names(const Known& known, const std::vector<Item>& items, Mention& value);

}  // namespace sluice::planner
