#pragma once
#include "plan/spec.h"
#include "planner/known.h"

namespace sluice::planner {

/// E0606 where rows that each tell how much there was on one day, such as the stock of a product, are taken together over all days: "products in
/// stock" are those that have some now, and nobody had the sum of what was there each evening.
Result<> check_snapshots(const Known& known, const plan::SpecDraft& draft);

}  // namespace sluice::planner
