#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "journal/db.h"
#include "workflow/ports/journal_types.h"

namespace sluice::journal_detail {

/// A connection's only writer: gathers whatever is waiting into one transaction, and answers after COMMIT.
///
/// One committer is at work at a time, on a connection of its own: the caller at the head of the queue. Whoever comes meanwhile
/// waits and goes into the next transaction together with all others; nobody waits for company. (A thread of its own would
/// do the same at the price of two more switches between threads for every lone write.)
class Committer {
 public:
  /// Reads and writes rows; called inside a transaction, and again in one of its own where the shared one had to be given up. An
  /// error is this write's alone, and undoes what it changed.
  using Write = std::function<Result<>(Db&)>;

  explicit Committer(Db& db) : db_(db) {}

  /// Returns once the write is on the disk, or with why it is not. In a transaction, writes are in the order of their runs: two that meet in the same
  /// rows come to them in the same order. Any thread.
  Result<> write(const RunId& run, const Write& write) { return submit({.of = &run, .write = &write}); }
  Result<> write(const RunId& run, const SentWrite& write) { return submit({.of = &run, .sent = &write}); }
  bool sends_ahead() const { return db_.sends_ahead(); }

  /// Blocks until something was written through this object, or for the time, or until stopped.
  void wait_for_change(std::chrono::milliseconds at_most, std::stop_token stop);

 private:
  struct Job {
    const RunId* of = nullptr;
    const Write* write = nullptr;  // this, or `sent`
    const SentWrite* sent = nullptr;
    bool is_sent = false;
    std::optional<Error> error{};
    bool done = false;
    std::condition_variable answered{};
  };
  Result<> submit(Job job);
  void commit(std::vector<Job*>& batch);
  bool commit_together(const std::vector<Job*>& batch);
  bool commit_alone(Job& job);
  Result<> send_ahead(const std::vector<Job*>& batch);
  Result<> run(Job& job);
  Result<> finish_transaction();

  Db& db_;
  std::mutex mutex_{};  // guards what follows
  std::deque<Job*> queue_{};
  bool working_ = false;
  std::uint64_t changes_ = 0;
  std::condition_variable room_{};
  std::condition_variable_any changed_{};
  int watchers_ = 0;
};

}  // namespace sluice::journal_detail
