#pragma once
#include <set>

#include "planner/known.h"

namespace sluice::planner {

/// The columns that a question is about, by table: those of which computed ones are made too.
std::set<std::pair<int, int>> columns_spoken_of(const Known& known, const Query& query);

/// Whether it took one of several dates that would do as well.
bool unsure_of_date(const Query& query);

/// Whether every unit of measure that the question says is one that the columns it is about are in: "over 2 hours" must not be compared with
/// minutes. E0606 names the unit and the column.
Result<> check_units(const Known& known, const std::vector<Word>& words, const Query& query);

}  // namespace sluice::planner
