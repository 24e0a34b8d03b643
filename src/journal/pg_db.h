#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "journal/db.h"
#include "journal/pg_news.h"
#include "journal/pg_outage.h"
#include "libpq/library.h"
#include "libpq/settings.h"

struct pg_conn;
struct pg_result;

namespace sluice::journal_detail {

/// Where a PostgreSQL journal is. `settings` are libpq's keywords with their values, the password among them: nothing of them is shown but `shown`.
struct PgTarget {
  std::shared_ptr<const libpq::Functions> library;
  libpq::Settings settings{};
  std::string schema{}, shown{};  ///< "sluice at db.example:5432/shop"
  std::string channel{};          ///< of NOTIFY
  std::string clock{};            ///< in SQL: the time in milliseconds since 1970
  std::chrono::milliseconds reconnect{30'000};
  std::shared_ptr<PgOutage> outage{};
};

/// One connection to PostgreSQL. What breaks is connected again, as long as it is sure what became of the transaction. One thread at a time.
class PgDb final : public Db {
 public:
  /// Who commits has a row of its own, by which it learns what became of a COMMIT whose answer was lost; "" for a connection that only reads. `clock`
  /// is the second best outside of transactions, where the database cannot be asked. `news` says when they are told; without it, nobody hears of any.
  PgDb(PgTarget target, std::string committer_id, std::function<TimeMs()> clock, PgNews* news = nullptr);
  ~PgDb() override;

  /// Connects where there is no connection, for as long as a restart of the server takes. E0210, E0211.
  Result<> connect();
  Result<> connect_within(std::chrono::milliseconds at_most);
  bool is_connected() const;
  /// The database's clock, read now.
  Result<TimeMs> read_clock();
  /// The socket, for poll(); what was notified is taken from it by `take_notices`: how many, or that the connection broke.
  int socket() const;
  Result<int> take_notices();

  Result<> exec(const char* sql) override;
  bool sends_ahead() const override { return true; }
  Result<> begin_sending() override;
  Result<> end_sending() override;
  Result<> begin() override;
  /// Where its answer was lost, asks what became of it.
  Result<> commit() override;
  void roll_back() override;
  bool is_spoiled(std::int64_t changes) const override { return failed_ || changes != changes_; }
  std::int64_t changes() const override { return changes_; }
  bool may_try_again() const override { return may_try_again_; }
  bool is_unsettled() const override { return unsettled_; }
  void news() override { has_news_ = true; }
  TimeMs now() override;
  bool locks_rows() const override { return true; }
  const std::string& name() const override { return target_.shown; }

 protected:
  Statement* prepared(const char* sql) override;
  Error prepare_error() override { return last_error_; }

 private:
  friend class PgStatement;
  using Reply = std::unique_ptr<pg_result, std::function<void(pg_result*)>>;

  Result<> connect_once();
  Result<> set_up();
  void disconnect();
  Reply own(pg_result* result) const;
  /// The reply where it is good; else what went wrong, which spoils the transaction.
  Result<Reply> checked(pg_result* result);
  Error fail(const pg_result* result);
  Result<Reply> run(const std::string& sql);
  Result<> take_answers();
  Result<> begin_once();
  Result<> commit_for_sure(const std::string& sql);
  Result<> settle_lost_commit();

  PgTarget target_;
  std::string committer_id_;
  std::function<TimeMs()> clock_;
  PgNews* news_;
  pg_conn* connection_ = nullptr;
  std::unordered_map<const void*, std::unique_ptr<Statement>> statements_{};  // by the address of the SQL literal
  std::deque<Reply> answers_{};                                               // to what was sent ahead
  int sent_ = 0;
  std::int64_t changes_ = 0, batch_no_ = 0, connection_no_ = 0;
  TimeMs begun_at_ = 0;
  bool in_transaction_ = false, failed_ = false, may_try_again_ = false, has_news_ = false, unsettled_ = false;
  Error last_error_{};
  std::string last_state_{};  // SQLSTATE of the last failure; "" where there was no answer
};

}  // namespace sluice::journal_detail
