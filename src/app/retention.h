#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "app/audit.h"
#include "base/sweep.h"

namespace sluice {

/// What is no longer kept.
struct RetentionRequest {
  std::chrono::milliseconds older_than{};            ///< runs that ended longer ago
  std::chrono::milliseconds approvals_older_than{};  ///< of such runs, approvals that were decided longer ago
  bool dry = false;                                  ///< only count
};
/// What was deleted, or would be.
struct RetentionReport {
  std::int64_t runs = 0, events = 0, approvals = 0;
  Swept artifacts{}, results{};
  /// More than one: no result was deleted, since this journal cannot know which of them the others need. See results-of in the folder.
  std::vector<std::string> journals_of_results{};
  bool whole = false;  ///< it was not stopped
};

/// What there is, for figures.
struct StoredSizes {
  JournalSize journal{};
  std::int64_t audit_entries = 0;
};

}  // namespace sluice
