#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// "customers who bought a piano in 2026": the year is that of the purchase, whose rows stand between customers and pianos and have a date, and
/// neither that of the customer nor that of the piano. The query with each such period said of what was done.
Query dated_by_deeds(const Known& known, const Query& query);

/// "the number of sales by brand in 2026": the sales were then, which have a date of their own, and not the rows that have the brand. The query with
/// each such period said of what is computed.
Query dated_by_measured(const Known& known, const Query& query);

}  // namespace sluice::planner
