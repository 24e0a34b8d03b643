#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// Whether the quantity is computed of several rows of a table.
bool is_computed_of(const Quantity& quantity, int table);
/// The table of whose rows a quantity is computed; -1 where it is of none, or of one that is not decided yet.
int measured_table(const Quantity& quantity);

/// The quantity as computed of only those rows of its table that fulfil the conditions. Of a column its links to other tables are left out.
Quantity restricted_to(const Quantity& quantity, int table, const std::vector<ConditionPtr>& conditions);

/// The query as asked of only those rows of a table that fulfil the conditions, wherever it speaks of the table: as what is shown, what is counted
/// or added up, or what groups are. Nothing where it does not.
std::optional<Query> restricted_to(const Query& query, int table, const std::vector<ConditionPtr>& conditions);

/// What the question computes: shows, or ranks or orders by.
std::vector<Quantity> computed_in(const Query& query);

}  // namespace sluice::planner
