#pragma once
#include "planner/known.h"

namespace sluice::planner {

/// Puts a period, which is decided, together with one of the conditions of a table's rows, or a condition together with a period among them, where
/// both are of the same rows that these have many of: "products that Ernst Handel ordered in 1997" were ordered by him then. False where nothing is.
bool say_of_same_rows(const Known& known, int table, std::vector<ConditionPtr>& conditions, const ConditionPtr& one);

/// Whether a period that is said of the set is that of rows on the way to it: "orders of customers from Germany in 1997" are of that year
/// themselves, and not those of customers who placed any then.
bool is_dated_on_the_way(const Known& known, int from, const Set& set);

/// "how many orders were placed by customers from Germany in 1997": takes from the set the periods of rows of the table, of which something is
/// computed for it. Nothing is left out where there are none.
std::pair<SetPtr, std::vector<ConditionPtr>> without_periods_of(const SetPtr& set, int table);

/// "members who are not enrolled in any class", where enrollments stand between members and classes: that they have none and what follows is one
/// thing that is said, of the classes. The conditions of rows of the table, with each two such as one.
std::vector<ConditionPtr> joined_through(const Known& known, int table, std::vector<ConditionPtr> conditions);

/// Whether nothing but small words stands between: "enrolled in any class".
bool only_glue(const Known& known, std::size_t from, std::size_t to);

/// Whether the conditions say of rows of the table both that they have none of another's and that they have what only those lead to.
bool contradict(const Known& known, int table, const std::vector<ConditionPtr>& conditions);

}  // namespace sluice::planner
