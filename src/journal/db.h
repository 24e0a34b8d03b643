#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workflow/ports/audit.h"

// What the journal's SQL, written once for all stores, needs of a connection.
namespace sluice::journal_detail {

/// A prepared statement of one connection. Positions of parameters and columns are those of the SQL, parameters from 1.
class Statement {
 public:
  Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  virtual ~Statement() = default;

  virtual void bind(int position, std::int64_t value) = 0;
  virtual void bind(int position, std::string_view value) = 0;  ///< must live until the statement has run
  /// True: there is a row.
  virtual Result<bool> next() = 0;
  virtual int changes() const = 0;  ///< rows that it changed; after `next`
  virtual std::int64_t integer(int column) const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::string text(int column) const = 0;
  virtual void reset() = 0;  ///< ready for the next use: no row, all parameters NULL

  /// Where `Db::sends_ahead`: makes it ready to be sent.
  virtual Result<> prepare() { return {}; }
  /// Sends it, and does not wait for the answer.
  virtual void send() {}
  /// The answer to the oldest statement that was sent and not received; like `next`.
  virtual Result<bool> receive() { return next(); }
};

/// One connection to the store. One thread at a time.
class Db {
 public:
  Db() = default;
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;
  virtual ~Db() = default;

  /// Statements without parameters or rows.
  virtual Result<> exec(const char* sql) = 0;

  /// Opens a transaction that writes.
  virtual Result<> begin() = 0;
  /// An error: nothing of the transaction is there, or never will be.
  virtual Result<> commit() = 0;
  virtual void roll_back() = 0;
  /// Whether the transaction can no longer be committed, or changed anything since `changes` had that value.
  virtual bool is_spoiled(std::int64_t changes) const = 0;
  virtual std::int64_t changes() const = 0;

  /// After a failure: the store was not to blame for the words, and nothing of the transaction is or will be there, so it may go well another time.
  virtual bool may_try_again() const { return false; }
  /// Whether the last `commit` failed without anybody knowing whether it was carried out: to do it again could do it twice.
  virtual bool is_unsettled() const { return false; }
  /// Something changed that somebody may be waiting for; they hear of it after COMMIT.
  virtual void news() {}

  /// Whether statements can be sent before the answers to those before them are there: where each answer is a way to a server and back.
  virtual bool sends_ahead() const { return false; }
  /// Between the two, statements are sent, all prepared before; an error of any of them fails the end, and spoils the transaction.
  virtual Result<> begin_sending() { return {}; }
  virtual Result<> end_sending() { return {}; }

  /// The store's clock; within a transaction the time of its beginning.
  virtual TimeMs now() = 0;
  /// Whether rows are locked one by one (FOR UPDATE), since others write at the same time.
  virtual bool locks_rows() const = 0;
  /// For messages: where the store is.
  virtual const std::string& name() const = 0;

  /// Goes into the audit chain at the end of the transaction: there, all who write meet.
  void audit(AuditDraft draft) { drafts_.push_back(std::move(draft)); }
  std::vector<AuditDraft> take_drafts() { return std::exchange(drafts_, {}); }

 protected:
  friend class Query;
  /// nullptr: it could not be prepared, and `prepare_error` says why.
  virtual Statement* prepared(const char* sql) = 0;
  virtual Error prepare_error() = 0;

 private:
  std::vector<AuditDraft> drafts_{};
};

/// One use of a prepared statement, whose parameters are written ?1, ?2 …. The SQL must be a literal: its address is the key under which the
/// statement is kept.
class Query {
 public:
  Query(Db& db, const char* sql) : db_(db), statement_(db.prepared(sql)) {}
  ~Query() {
    if (statement_ != nullptr) statement_->reset();
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t value) {
    ++bound_;
    if (statement_ != nullptr) statement_->bind(bound_, value);
    return *this;
  }
  Query& bind(std::string_view value) {  ///< must live until the statement has run
    ++bound_;
    if (statement_ != nullptr) statement_->bind(bound_, value);
    return *this;
  }
  Query& bind(const std::optional<std::int64_t>& value) { return value ? bind(*value) : bind_null(); }
  Query& bind_null() {
    ++bound_;
    return *this;  // what is not bound is NULL
  }

  /// True: there is a row.
  Result<bool> next() { return statement_ != nullptr ? statement_->next() : Result<bool>(db_.prepare_error()); }
  /// For `Db::begin_sending` and what follows it.
  Result<> prepare() { return statement_ != nullptr ? statement_->prepare() : Result<>(db_.prepare_error()); }
  void send() {
    if (statement_ != nullptr) statement_->send();
  }
  Result<bool> receive() { return statement_ != nullptr ? statement_->receive() : Result<bool>(db_.prepare_error()); }

  /// Runs it to its end; the number of rows changed.
  Result<int> run() {
    TRY_VOID(next());
    return statement_->changes();
  }

  int changes() const { return statement_->changes(); }
  std::int64_t integer(int column) const { return statement_->integer(column); }
  std::optional<std::int64_t> maybe_integer(int column) const {
    return statement_->is_null(column) ? std::nullopt : std::optional(statement_->integer(column));
  }
  std::string text(int column) const { return statement_->text(column); }

 private:
  Db& db_;
  Statement* statement_;
  int bound_ = 0;
};

/// A write that is one statement, or begins with one: where many come together, those are sent without waiting for each other's answers.
struct SentWrite {
  const char* sql = nullptr;
  std::function<void(Db&, Query&)> bind{};  ///< what it binds must live until `read` returns
  /// Reads the answer, whose row `there` says is there; may go on with statements of its own.
  std::function<Result<>(Db&, Query&, bool there)> read{};
};

/// The first column of the only row.
inline Result<std::int64_t> integer_of(Db& db, const char* sql) {
  Query query(db, sql);
  TRY_VOID(query.next());
  return query.integer(0);
}

}  // namespace sluice::journal_detail
