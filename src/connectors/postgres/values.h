#pragma once
#include <span>
#include <vector>

#include "connectors/postgres/session.h"
#include "data/column_values.h"

namespace sluice::postgres {

/// Samples of text columns: first the most common values that ANALYZE already found, then, for tables small enough to read, the
/// distinct values themselves. What does not fit the time is left out.
Result<std::vector<ColumnValues>> read_values(Session& session, std::span<const TableName> tables, int values_max);

}  // namespace sluice::postgres
