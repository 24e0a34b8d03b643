#pragma once
#include <vector>

#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// Adds what words say of the time between two dates of a row: "length of stay", "days between order and shipping", "resolution time", "how long …
/// take to ship"; and decides the unit of all such columns that the items link: that which the question says beside them. Only of the words from a
/// place on.
void add_durations(const Known& known, const std::vector<Word>& words, std::vector<Item>& items, std::size_t from);

/// The words that only go with such a time: "take to ship", "passed".
std::vector<std::size_t> beside_durations(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items);

}  // namespace sluice::planner
