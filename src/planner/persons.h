#pragma once
#include "planner/rows.h"

namespace sluice::planner {

/// Whether the question begins with "who": then persons are asked for.
bool asks_who(const Known& known);

/// The table of the persons that rows of a table belong to: their own where they are persons, -1 where they belong to none. E0606 where they belong
/// to several, and no word says to whom.
Result<int> persons_of(const Known& known, int table);

}  // namespace sluice::planner
