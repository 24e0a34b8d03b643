#pragma once
#include <string>
#include <vector>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

namespace sluice::journal_detail {

/// An append with its values written out already, so that the committer only moves bytes.
struct PreparedAppend {
  const Append& append;
  std::vector<std::string> bodies{};                            // of the events
  std::vector<std::pair<std::string, std::string>> requests{};  // subject and card of the approvals
  std::vector<AuditDraft> drafts{};
};
PreparedAppend prepare_append(const Append& append);

/// Most appends record one thing and nothing else, or the end of the run: one statement, fence and all, where the store has statements sent ahead.
bool is_one_statement(const Append& append);
/// Both must live as long as it does. E0105.
SentWrite statement_of(const PreparedAppend& prepared, Appended& answer);

/// All of it, inside the caller's transaction. E0102, E0105, E0113.
Result<Appended> write_append(Db& db, const PreparedAppend& prepared);

}  // namespace sluice::journal_detail
