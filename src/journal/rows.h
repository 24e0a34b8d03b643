#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

// Rows of the journal's tables as values. A row that cannot be read is E0202.
namespace sluice::journal_detail {

Result<RunInfo> read_run(Db& db, const RunId& run);  // E0102
/// In a transaction that writes: nobody else changes the run until its end.
Result<RunInfo> lock_run(Db& db, const RunId& run);
Result<std::vector<RunInfo>> read_runs(Db& db, const RunFilter& filter);
Result<std::vector<EventInfo>> read_events(Db& db, const RunId& run, std::int64_t after_seq, int limit);
Result<ApprovalInfo> read_approval(Db& db, const ApprovalId& id);   // E0106
Result<ApprovalInfo> read_open_approval(Db& db, const RunId& run);  // E0106
Result<std::vector<ApprovalInfo>> read_approvals(Db& db, const ApprovalFilter& filter);
Result<std::vector<Message>> read_inbox(Db& db, const RunId& run);

/// A sight as one value, so that SQL which every store understands can look into it: "" for all, else "|shop@ask|…|".
std::string sight_text(const Sight& sight);
/// SQL: whether the sight in parameter `p` covers the run that is at hand. A pair is in the text if taking it out changes the text.
#define SEEN_BY(p)                                                                                                                        \
  "(" p " = '' OR replace(" p ", '|' || wf_run.label_connection || '@' || wf_run.name || '|', '') <> " p " OR replace(" p                 \
  ", '|' || '@' || wf_run.name || '|', '') <> " p " OR replace(" p ", '|' || wf_run.label_connection || '@|', '') <> " p " OR replace(" p \
  ", '|@|', '') <> " p ")"

/// As it is searched: small letters (of ASCII), valid UTF-8, no NUL.
std::string search_text(std::string_view text);

Error damaged_row(const Db& db, const std::string& what);
Result<Json> json_column(const Db& db, const Query& query, int column, const std::string& of);

}  // namespace sluice::journal_detail
