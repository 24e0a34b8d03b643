#pragma once
#include <span>
#include <string_view>

#include "base/result.h"
#include "data/catalog.h"
#include "proof/limits.h"
#include "proof/ports/engine.h"

namespace sluice {

/// Whether the tables (views included) are as they were when `fingerprint` was taken; E0350 (stale) says what changed. Call it after `prepare` in
/// the same session: then what runs is what was compared.
Result<> same_schema(ReadSession& session, std::span<const TableName> tables, std::string_view fingerprint, const Catalog* proven = nullptr);

/// Right before an approved query runs, in the transaction that runs it: the tables' schema (views included) and the estimate are read again.
/// E0350 (stale): the schema is no longer what was approved, and how, as far as it can be told; with `proven`, the catalog that the
/// proof saw, down to the column. E0351 (stale): the estimate is above the ceiling. E0352 (stale): the engine no longer plans the query.
Result<> recheck(ReadSession& session, std::string_view sql, std::span<const TableName> tables, std::string_view approved_fingerprint,
                 const Ceiling& ceiling, const Catalog* proven = nullptr);

}  // namespace sluice
