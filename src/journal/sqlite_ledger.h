#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "agents/ports/ledger.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

struct SqliteLedgerOptions {
  /// The clock, which also says what day it is; the machine's by default. Any thread.
  std::function<TimeMs()> now{};
  /// How long to wait for programs that do not take our lock file, such as the sqlite3 shell.
  std::chrono::milliseconds busy_timeout{5'000};
};

/// The ledger in the journal's file, beside the runs that the calls belong to, on connections of its own. A call counts on the day on which it was
/// reserved, and until it is settled with the most that it can cost: also when its process died and it never will be. Any thread; must be opened
/// after a fork, not before.
class SqliteLedger final : public Ledger {
 public:
  /// Creates the journal where there is none. Errors as SqliteJournal::open's.
  static Result<std::unique_ptr<SqliteLedger>> open(const std::string& file, SqliteLedgerOptions options = {});
  ~SqliteLedger() override;

  Result<std::int64_t> reserve(const Reservation& reservation) override;
  /// The first settlement stands; the same again changes nothing, another is a bug.
  Result<> settle(std::int64_t id, const Settlement& settlement) override;
  /// `reservation.usd_max` is what the call cost when it was made, and so what was saved now.
  Result<> cached(const Reservation& reservation, const ModelUsage& usage) override;
  /// With calls in flight, as `reserve` counts them.
  Result<Spent> spent(const std::string& run) override;
  /// `usd` of a call in flight is the most that it can cost, of a cached one what it saved.
  Result<std::vector<LedgerEntry>> entries(const std::string& run) override;
  /// Workflows and models (as "provider/model") by what they cost, the dearest first; days (UTC) in order. What the cache gave adds to `cached`
  /// alone.
  Result<std::vector<CostLine>> costs(std::int64_t since_ms, CostsBy by) override;
  Result<> forget_example(const std::string& approval) override;
  Result<std::vector<std::string>> forgotten_examples() override;

 private:
  struct Inner;
  explicit SqliteLedger(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
