#pragma once
#include <optional>

#include "planner/known.h"

namespace sluice::planner {

/// "total sales per country": what deals come to, with their number as what else may be meant. Nothing for other words, for those that stand for the
/// deals themselves ("list all sales"), and where no column, or more than a few, tells what a deal comes to.
std::optional<Quantity> trade_of(const Known& known, const std::vector<Word>& words, std::size_t at);

}  // namespace sluice::planner
