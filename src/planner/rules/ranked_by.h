#pragma once
#include "planner/rules/rules.h"

namespace sluice::planner {

/// Whether each of the set's things has several rows with the column: customers with the freight of their orders.
bool has_several(const Known& known, const Set& set, const Link& link);
/// "top 5 customers by freight": that of all their orders together. Of ratings, which do not add up, only the person knows what is meant.
Quantity of_all(const Known& known, Quantity by);

}  // namespace sluice::planner
