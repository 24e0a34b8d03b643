#pragma once
#include <vector>

#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// What names or is in a table may as well be said of each of its roles that the question names; no other role is meant.
void add_role_links(const Known& known, std::vector<Item>& items);

}  // namespace sluice::planner
