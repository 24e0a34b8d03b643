#pragma once
#include <string>

#include "base/json.h"

namespace sluice::planner {

/// A text that is equal for specs that differ only in the order of their conditions: they ask for the same.
std::string sense_of(const Json& spec);

/// Whether `less` is the same query but for columns that it does not show: it only left words out.
bool shows_less(const Json& less, const Json& more);

}  // namespace sluice::planner
