#pragma once
#include <string>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

// Runs that come into the journal, and go.
namespace sluice::journal_detail {

/// The run and its first event, where its id and dedup_key are free. False: they are not.
Result<bool> insert_run(Db& db, const NewRun& run, const RunInfo* parent = nullptr, const std::string& parent_path = {});

/// What a run's row holds of its labels.
struct LabelColumns {
  explicit LabelColumns(const Json& labels);
  std::string all, text, connection;
};

/// The same for a run without a parent, in one statement for `SentWrite`, with its values written out already. No row: they are not free.
class InsertedRun {
 public:
  static const char* const kSql;
  explicit InsertedRun(const NewRun& run);
  void bind(Db& db, Query& query);
  /// Where there is a row: what follows from it.
  Result<> read(Db& db, const Query& query, TimeMs lease_ms) const;
  const RunInfo& info() const { return info_; }

 private:
  const NewRun& run_;
  LabelColumns labels_;
  std::string body_;
  RunInfo info_{};
};

Result<RunInfo> insert_fork(Db& db, const NewFork& fork);                         // E0102, E0127
Result<RunInfo> insert_copy(Db& db, const RunCopy& copy, const std::string& by);  // E0128
Result<Pruned> prune_runs(Db& db, const PruneLimits& limits);
Result<JournalSize> count_rows(Db& db);
Result<std::vector<RunCount>> count_unfinished(Db& db, const Sight& sight);
/// Until `until`, the node lives.
/// Whether each run has as many events as it should, and the audit chain as many entries. E0202.
Result<> check_counts(Db& db);
Result<> prolong_lease(Db& db, const NodeId& node, TimeMs until);
/// Prolongs it where less than half is left. All claims of a node meet at its one row, so it is read first: who writes it holds it until COMMIT.
Result<> keep_lease(Db& db, const NodeId& node, TimeMs lease_ms);

}  // namespace sluice::journal_detail
