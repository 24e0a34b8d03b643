#pragma once
#include <vector>

#include "connectors/postgres/session.h"
#include "data/column_ranges.h"

namespace sluice::postgres {

/// Codes and ranges of the catalog's columns (ReadSession::ranges): of small tables, and of those that are not large and were never analysed, what
/// their rows hold; of the others what ANALYZE found in its sample. What does not fit the time is left out.
Result<std::vector<ColumnRange>> read_ranges(Session& session, const Catalog& catalog);

}  // namespace sluice::postgres
