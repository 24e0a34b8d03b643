#pragma once
#include <string>
#include <vector>

#include "journal/sqlite_db.h"
#include "workflow/ports/journal_types.h"

namespace sluice::journal_detail {

/// An append with its values written out already, so that the committer only moves bytes.
struct PreparedAppend {
  const Append& append;
  std::vector<std::string> bodies{};                            // of the events
  std::vector<std::pair<std::string, std::string>> requests{};  // subject and card of the approvals
};
PreparedAppend prepare_append(const Append& append);

/// All of it, inside the caller's transaction. E0102, E0105, E0113.
Result<Appended> write_append(SqliteDb& db, const PreparedAppend& prepared, TimeMs now);

}  // namespace sluice::journal_detail
