#pragma once
#include <functional>

#include "sql/tree.h"

namespace sluice {

/// Calls `visit` for every expression anywhere in the query, outer ones first: in its WITH tables, relations, clauses, windows and subqueries.
/// Relies on the parsers' bound on depth (kTreeDepthMax).
void each_expr(const Query& query, const std::function<void(const Expr&)>& visit);

}  // namespace sluice
