#pragma once
#include "connectors/postgres/session.h"

namespace sluice::postgres {

/// Rows, bytes and a readable plan out of EXPLAIN (FORMAT JSON, VERBOSE). Bytes are those of the tables that are read: whole tables for
/// sequential scans, a page a row (at most the table) for index scans, times the loops of a nested loop, less what a LIMIT directly above leaves
/// unread. Unset where a foreign table is read or the plan can't be understood.
Result<Estimate> estimate_of_plan(Session& session, const std::string& plan_json);

}  // namespace sluice::postgres
