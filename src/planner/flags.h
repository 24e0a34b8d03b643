#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// The value of a column that says yes: true, 1, 'T', 'yes'. Nothing for columns that say something else.
std::optional<plan::Literal> yes_of(const Known& known, const Link& link);

}  // namespace sluice::planner
