#pragma once
#include <functional>

#include "planner/meaning.h"

namespace sluice::planner {

/// The rows that the conditions of the whole question are said of: those asked for, or counted; null where they are several.
SetPtr asked_of(const Query& query);

/// The query with each of its sets changed, wherever it is spoken of: a set that is there twice stays one. `change` is given a set whose own parts
/// are changed already.
Query rewrite_sets(const Query& query, const std::function<SetPtr(const SetPtr&)>& change);

/// The list with each condition changed, first as it is, then its parts and those said of rows that belong to it. `change` returns nothing to look
/// further inside, null to drop the condition, else what it becomes. A condition whose parts are all dropped goes too.
using ConditionChange = std::function<std::optional<ConditionPtr>(const ConditionPtr&)>;
std::vector<ConditionPtr> rewrite_conditions(const std::vector<ConditionPtr>& list, const ConditionChange& change);
/// The same for all that a query says, of its sets too.
Query rewrite_conditions(const Query& query, const ConditionChange& change);

}  // namespace sluice::planner
