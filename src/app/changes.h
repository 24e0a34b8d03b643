#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "app/run_view.h"
#include "workflow/ports/journal.h"

namespace sluice {

/// What is new in a journal since the last look.
struct Changes {
  std::vector<RunSummary> runs{};         ///< that are new, or stand elsewhere than they did
  std::vector<ApprovalInfo> approvals{};  ///< that are new, decided or expired
  bool empty() const { return runs.empty() && approvals.empty(); }
};

/// Looks at a journal again and again, and says what changed in between, whichever process wrote it. The journal keeps no order of changes over all
/// runs (that would cost every step something), so a look reads what can have changed: runs that are being executed, those that were at the last
/// look, the newest ones, those that people look at, and those that the audit chain names since. What is left out is an old run that nobody looks at
/// and that a time or a message took a step further without an effect: lists show it when they are read anew. One thread.
class ChangeWatch {
 public:
  using StatusOf = std::function<Result<AskStatus>(RunInfo&)>;
  explicit ChangeWatch(Journal& journal, StatusOf status_of) : journal_(journal), status_of_(std::move(status_of)) {}

  static constexpr int kNewestMax = 100;
  static constexpr int kOpenMax = 1'000;
  static constexpr int kAuditMax = 1'000;
  static constexpr std::size_t kKnownMax = 10'000;

  /// The first look only takes note. `looked_at` are runs that people have open. Storage errors; the next look then tells what this one missed.
  Result<Changes> look(const std::set<std::string>& looked_at);
  /// Blocks until something was written since the last look began, or for `at_most`, or until stopped; not before `at_least` has passed.
  void wait(std::chrono::milliseconds at_least, std::chrono::milliseconds at_most, const std::stop_token& stop);

 private:
  struct Seen {
    std::int64_t head_seq = 0, wake_no = 0, epoch = 0;
    RunStatus status{};
    bool owner_dead = false;
    auto operator<=>(const Seen&) const = default;
  };
  Result<> look_at_runs(const std::set<std::string>& looked_at, Changes& changes);
  Result<> look_at_approvals(Changes& changes);
  Result<std::set<std::string>> named_by_audit();
  Result<> note(RunInfo run, Changes& changes);

  Journal& journal_;
  StatusOf status_of_;
  bool first_ = true;
  std::uint64_t change_no_ = 0;  ///< of the journal, before the last look
  std::int64_t audit_no_ = 0;
  std::map<std::string, Seen> known_{};  ///< runs, by id
  std::set<std::string> executing_{};    ///< at the last look
  std::map<std::string, RunId> open_{};  ///< approvals that were open at the last look
};

}  // namespace sluice
