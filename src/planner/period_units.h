#pragma once
#include "planner/rows.h"

namespace sluice::planner {

/// What tells periods of a date column apart, as output columns: the column itself where it holds years or numbers of months.
Result<std::vector<plan::Named>> period_groups(const Known& known, Rows& rows, const Quantity& period);

}  // namespace sluice::planner
