#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"
#include "sql/tree.h"

namespace sluice {

/// PostgreSQL calls functions in two more ways than by parentheses: `('PG_VERSION'::text).pg_read_file`, and `x.pg_read_file` where x is a function
/// in FROM. Both look like a field or a column. The names so written that are neither sure to be a column nor on the list of functions that only
/// compute, each once. Empty for other dialects, where such a name is never a call.
std::vector<std::string> possible_field_calls(const Query& query, const Catalog& catalog);

}  // namespace sluice
