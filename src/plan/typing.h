#pragma once
#include <functional>
#include <string>

#include "plan/expr.h"

namespace sluice::plan {

/// The kind of the value that `expr` gives; `column_type` says what a column holds. Errors: E0902, E0905, E0907.
Result<TypeKind> type_of(const Expr& expr, const std::function<Result<TypeKind>(const ColumnRef&)>& column_type);

/// Whether values of these kinds may be compared and put into one column.
bool comparable(TypeKind a, TypeKind b);

/// An expression as an error message shows it: "sum(flights.carrier)".
std::string show(const Expr& expr);

}  // namespace sluice::plan
