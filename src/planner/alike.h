#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// What a condition said later becomes in the place of an earlier one about the same: the same column, period or count. The earlier one is decided;
/// the later one takes its column from it. Nothing where they are about different things, or say two ends of one range, so that both hold.
std::optional<ConditionPtr> in_place_of(const Known& known, const ConditionPtr& earlier, const ConditionPtr& later);

/// Whether two decided conditions say the same.
bool say_the_same(const ConditionPtr& a, const ConditionPtr& b);

}  // namespace sluice::planner
