#pragma once
#include <functional>

#include "sql/tree.h"

namespace sluice {

/// Calls `visit` for every expression anywhere in the query, outer ones first: in its WITH tables, relations, clauses, windows and subqueries; and
/// `visit_relation`, where given, for everything that stands in a FROM. Relies on the parsers' bound on depth (kTreeDepthMax).
void each_expr(const Query& query, const std::function<void(const Expr&)>& visit, const std::function<void(const Relation&)>& visit_relation = {});

}  // namespace sluice
