#pragma once
#include <vector>

#include "data/catalog.h"
#include "proof/check.h"
#include "sql/bind.h"

namespace sluice {

/// Warnings about the query's shape, from facts that the tree and the catalog's keys decide: "joins" (cartesian products), "null-comparison" (`=
/// NULL` is never true), "fan-out" (an aggregate over rows that a join multiplied), "row-order" (LIMIT without ORDER BY). One check each, passed or
/// warning.
std::vector<Check> shape_checks(const Query& query, const Bound& bound, const Catalog& catalog);

/// Whether the query is an aggregate over all rows: one row comes out, however many there are.
bool gives_one_row(const Query& query, const Bound& bound);

}  // namespace sluice
