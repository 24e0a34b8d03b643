#pragma once
#include <memory>
#include <string>

#include "journal/pg_outage.h"
#include "journal/sql_journal.h"

namespace sluice {

struct PostgresJournalOptions {
  std::string url{};             ///< "postgresql://user:password@host:port/database?sslmode=…"
  std::string schema{"sluice"};  ///< of the journal's tables: small letters, digits and underscores
  std::chrono::milliseconds lease{10'000};
  /// Connections that write: the first for what is about no run or many (claims, decisions, signs of life), where there are more; each run has its
  /// own one of the others. Few that gather much are quicker than many that gather little.
  int committers = 2;
  int readers = 4;
  std::chrono::milliseconds reconnect{30'000};  ///< how long a call waits for a server that is not there: one that restarts is back by then
  std::shared_ptr<PgOutage> outage{};           ///< hears of that; may be shared
  /// The database's clock in milliseconds since 1970, in SQL.
  std::string clock{"(extract(epoch FROM clock_timestamp()) * 1000)::bigint"};
};

/// The journal in PostgreSQL 12 or later, shared by the nodes of a system. Times are the database's. A connection that breaks is connected again;
/// what became of a COMMIT whose answer was lost is asked, never guessed. Any thread.
class PostgresJournal final : public SqlJournal {
 public:
  /// Makes the tables where there are none. Errors of kind `storage`: E0203 (newer format), E0210 (not reached), E0211 (no access); E0441 (no libpq).
  static Result<std::unique_ptr<PostgresJournal>> open(PostgresJournalOptions options);
  ~PostgresJournal() override;

  TimeMs now() const override;
  std::chrono::milliseconds lease() const override;
  Result<NodeId> register_node() override;
  Result<> heartbeat(const NodeId& node) override;
  void release_node(const NodeId& node) override;
  /// Reads every row of every table: what the server cannot read, it says.
  Result<> check() override;
  std::uint64_t change_no() override;
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds at_most, std::stop_token stop) override;

 protected:
  journal_detail::Committer& committer(const RunId& run) override;
  Result<> with_reader(const std::function<Result<>(journal_detail::Db&)>& use) override;
  bool is_dead_for_sure(const NodeId&) override { return false; }
  std::int64_t bytes_stored() override;

 private:
  struct Inner;
  explicit PostgresJournal(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
