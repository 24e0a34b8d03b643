#pragma once
#include <vector>

#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// Of a thousand tables each may have the column that a word names. Leaves each noun and adjective at most kLinksMax links, and a value
/// kValueLinksMax, those of tables that the question names or that keys join to these first, so that a question takes no longer than it has to.
inline constexpr std::size_t kLinksMax = 64, kValueLinksMax = 16;
void limit_links(const Known& known, std::vector<Item>& items);

}  // namespace sluice::planner
