#pragma once
#include "planner/frame.h"

namespace sluice::planner {

/// Applies a refinement ("only JFK", "top 5", "by month instead") to what was asked: conditions on the same column and periods are replaced,
/// everything else is added, or with "instead" replaces its like.
void refine(Frame& asked, Frame refinement);

}  // namespace sluice::planner
