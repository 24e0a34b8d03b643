#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// E0602 where the question speaks of "last month" and the like, and nobody said what day it is.
Result<> check_today(const Known& known);

}  // namespace sluice::planner
