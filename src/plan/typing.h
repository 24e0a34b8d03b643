#pragma once
#include <functional>
#include <string>

#include "plan/expr.h"

namespace sluice::plan {

/// What kinds of values the columns around an expression hold, and the queries inside it give.
struct TypeSource {
  std::function<Result<TypeKind>(const ColumnRef&)> column;
  std::function<Result<TypeKind>(const Scalar&)> scalar;
};
/// The kind of the value that `expr` gives. Errors: E0902, E0905, E0907.
Result<TypeKind> type_of(const Expr& expr, const TypeSource& source);

/// Whether values of these kinds may be compared and put into one column.
bool comparable(TypeKind a, TypeKind b);

/// An expression as an error message shows it: "sum(flights.carrier)".
std::string show(const Expr& expr);

}  // namespace sluice::plan
