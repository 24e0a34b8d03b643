#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// "customers who bought a piano in 2026": the year is that of the purchase, whose rows stand between customers and pianos and have a date, and
/// neither that of the customer nor that of the piano. The query with each such period said of what was done.
Query dated_by_deeds(const Known& known, const Query& query);

/// Whether the condition is a period, and no word says of which of the table's dates.
bool is_bare_period(const Known& known, const Condition& condition, int table);

}  // namespace sluice::planner
