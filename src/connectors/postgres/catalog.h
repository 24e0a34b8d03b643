#pragma once
#include <span>

#include "connectors/postgres/session.h"
#include "data/catalog.h"

namespace sluice::postgres {

/// What the role may read: tables, partitioned tables (their partitions are left out), views, materialized views, foreign tables, and of
/// each the columns that it may select. In a handful of queries, whatever the number of tables.
Result<Catalog> read_catalog(Session& session, const Target& target, std::span<const TableName> only);

}  // namespace sluice::postgres
