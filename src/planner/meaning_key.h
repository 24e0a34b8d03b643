#pragma once
#include "planner/chart.h"

namespace sluice::planner {

/// Equal for meanings that say the same, whatever words they came from.
std::uint64_t key_of(const Meaning& meaning);

}  // namespace sluice::planner
