#pragma once
#include "plan/expr.h"
#include "planner/known.h"

namespace sluice::planner {

/// Whether a row is in the period, told by its date column, or by its columns of years, months and days where `link` is a number.
/// E0606 where the columns cannot tell.
Result<plan::Expr> period_filter(const Known& known, const std::string& alias, const Link& link, const plan::Expr& column, const Period& period);

}  // namespace sluice::planner
