#pragma once
#include <functional>
#include <memory>
#include <string>

#include "workflow/ports/journal.h"

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
class SqliteJournal final : public Journal {
 public:
  /// Creates the file where there is none. Errors, all of kind `storage`: E0201 (permission, missing folder), E0202 (no journal, or
  /// damaged), E0203 (newer format), E0204 (disk full), E0205 (locked), E0206 (read-only), E0207 (disk error).
  static Result<std::unique_ptr<SqliteJournal>> open(const std::string& file, SqliteJournalOptions options = {});
  ~SqliteJournal() override;

  /// Reads the whole file and says what is damaged (E0202). Slow on a large journal.
  Result<> check() override;

  TimeMs now() const override;
  Result<NodeId> register_node() override;
  Result<> heartbeat(const NodeId& node) override;
  void release_node(const NodeId& node) override;
  Result<CreatedRun> create_run(const NewRun& run) override;
  Result<RunInfo> claim(const RunId& run, const NodeId& node) override;
  Result<Appended> append(const Append& append) override;
  Result<RunInfo> run(const RunId& run) override;
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) override;
  Result<std::vector<EventInfo>> events(const RunId& run, std::int64_t after_seq = 0, int limit = kEventsMax) override;
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter) override;
  Result<ApprovalInfo> approval(const ApprovalId& id) override;
  Result<ApprovalInfo> open_approval_of(const RunId& run) override;
  Result<ApprovalInfo> decide(const ApprovalId& id, const DecisionInput& decision) override;
  Result<ApprovalInfo> expire(const ApprovalId& id) override;
  Result<> cancel(const RunId& run, const std::string& by, const std::string& reason) override;
  Result<std::vector<Message>> inbox(const RunId& run) override;
  Result<std::vector<RunId>> cancelled_runs(const NodeId& node) override;
  void wait_for_change(std::chrono::milliseconds at_most, std::stop_token stop) override;

 private:
  struct Inner;
  explicit SqliteJournal(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
