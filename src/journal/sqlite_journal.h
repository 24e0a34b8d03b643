#pragma once
#include <functional>
#include <memory>
#include <string>

#include "journal/sql_journal.h"

namespace sluice {

struct SqliteJournalOptions {
  /// The clock; the machine's by default. Any thread.
  std::function<TimeMs()> now{};
  /// How long a node may be silent before its runs may be taken over although its process lives (it may be stopped).
  std::chrono::milliseconds lease{30'000};
  /// How long to wait for programs that do not take our lock file, such as the sqlite3 shell.
  std::chrono::milliseconds busy_timeout{5'000};
};

/// The journal in one SQLite file (WAL, synchronous=FULL), shared by the processes of one machine. Beside FILE it keeps FILE-wal,
/// FILE-shm, FILE.lock and FILE.nodes/. Any thread; must be opened after a fork, not before.
class SqliteJournal final : public SqlJournal {
 public:
  /// Creates the file where there is none. Errors, all of kind `storage`: E0201 (permission, missing folder), E0202 (no journal, or
  /// damaged), E0203 (newer format), E0204 (disk full), E0205 (locked), E0206 (read-only), E0207 (disk error).
  static Result<std::unique_ptr<SqliteJournal>> open(const std::string& file, SqliteJournalOptions options = {});
  ~SqliteJournal() override;

  /// Reads the whole file and says what is damaged (E0202). Slow on a large journal.
  Result<> check() override;

  TimeMs now() const override;
  std::chrono::milliseconds lease() const override;
  Result<NodeId> register_node() override;
  void release_node(const NodeId& node) override;
  std::uint64_t change_no() override;
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) override;

 protected:
  journal_detail::Committer& committer(const RunId& run) override;
  Result<> with_reader(const std::function<Result<>(journal_detail::Db&)>& use) override;
  bool is_dead_for_sure(const NodeId& node) override;
  std::int64_t bytes_stored() override;

 private:
  struct Inner;
  explicit SqliteJournal(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
