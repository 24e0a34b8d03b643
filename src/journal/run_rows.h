#pragma once
#include <string>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

// Runs that come into the journal, and go.
namespace sluice::journal_detail {

/// The run and its first event, where its id and dedup_key are free. False: they are not.
Result<bool> insert_run(Db& db, const NewRun& run, const RunInfo* parent = nullptr, const std::string& parent_path = {});
Result<RunInfo> insert_fork(Db& db, const NewFork& fork);                         // E0102, E0127
Result<RunInfo> insert_copy(Db& db, const RunCopy& copy, const std::string& by);  // E0128
Result<Pruned> prune_runs(Db& db, const PruneLimits& limits);
Result<JournalSize> count_rows(Db& db);
/// Until `until`, the node lives.
Result<> prolong_lease(Db& db, const NodeId& node, TimeMs until);

}  // namespace sluice::journal_detail
