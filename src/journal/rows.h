#pragma once
#include <vector>

#include "journal/sqlite_db.h"
#include "workflow/ports/journal_types.h"

// Rows of the journal's tables as values. A row that cannot be read is E0202.
namespace sluice::journal_detail {

Result<RunInfo> read_run(SqliteDb& db, const RunId& run);  // E0102
Result<std::vector<RunInfo>> read_runs(SqliteDb& db, const RunFilter& filter);
Result<std::vector<EventInfo>> read_events(SqliteDb& db, const RunId& run, std::int64_t after_seq, int limit);
Result<ApprovalInfo> read_approval(SqliteDb& db, const ApprovalId& id);   // E0106
Result<ApprovalInfo> read_open_approval(SqliteDb& db, const RunId& run);  // E0106
Result<std::vector<ApprovalInfo>> read_approvals(SqliteDb& db, const ApprovalFilter& filter);
Result<std::vector<Message>> read_inbox(SqliteDb& db, const RunId& run);

}  // namespace sluice::journal_detail
