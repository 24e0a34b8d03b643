#pragma once
#include <vector>

#include "sql/tree_facts_for_test.h"

namespace sluice {

const std::vector<StatementCase>& postgres_reads();
const std::vector<StatementCase>& postgres_refusals();
const std::vector<StatementCase>& duckdb_reads();
const std::vector<StatementCase>& duckdb_refusals();

}  // namespace sluice
