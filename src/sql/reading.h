#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"
#include "sql/bind.h"
#include "sql/expr_text.h"
#include "sql/tree.h"

namespace sluice {

/// What a query does, clause by clause, in plain sentences made from the tree alone: this is what a person approves. Faithful before pretty: every
/// clause that restricts, joins, groups, orders or limits has its sentence, and a condition without words of its own is quoted as SQL.
/// Subqueries, WITH tables and the parts of set operations follow as sentences indented by two spaces a level. Hidden characters are shown.
std::vector<std::string> reading(const Query& query, const Catalog& catalog, const Bound& bound);

}  // namespace sluice
