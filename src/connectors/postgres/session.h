#pragma once
#include <map>
#include <memory>
#include <string>

#include "connectors/postgres/libpq.h"
#include "connectors/postgres/source.h"
#include "proof/ports/engine.h"

namespace sluice::postgres {

/// The layers that keep a session from writing. All of them are on; only tests of a single layer take others away.
struct Layers {
  bool read_only = true;     ///< the transaction and the session are READ ONLY
  bool needs_result = true;  ///< a statement that returns no rows (SET, DO, COMMIT, COPY …) is not run
};

/// Waiting for a table that somebody locked ends after this; where Sluice reads tables for its catalog, after the short time: who holds a lock
/// meanwhile could attach code to the table, which was looked for before.
inline constexpr std::chrono::milliseconds kLockWaitMax{5000}, kBriefly{50};

/// One connection in one transaction: READ COMMITTED, READ ONLY, settings that a statement's meaning depends on fixed, and rolled back.
class Session : public ReadSession {
 public:
  static Result<std::unique_ptr<Session>> open(const std::shared_ptr<const LibpqFunctions>& libpq, const Target& target, const Call& call,
                                               Layers layers = {});
  ~Session() override;

  Result<Catalog> catalog(std::span<const TableName> only) override;
  Result<> prepare(std::string_view sql) override;
  Result<Estimate> estimate(std::string_view sql) override;
  Result<ReadStats> run(std::string_view sql, const ReadLimits& limits, RowSink& sink) override;
  Result<std::vector<ColumnValues>> values(std::span<const TableName> tables, int values_max) override;
  Result<std::vector<ColumnRange>> ranges(const Catalog& catalog) override;

  /// A statement of Sluice's own: its names mean PostgreSQL's own objects, whatever users called theirs. After a failure the transaction goes on from
  /// where it was, on the same snapshot.
  Result<Reply> ask(const std::string& sql, Parameters parameters = {});
  /// The same with less time.
  Result<Reply> ask_until(const std::string& sql, Parameters parameters, const Until& until);
  /// For the statements that follow; after a failed one it is kLockWaitMax again.
  Result<> wait_for_locks(std::chrono::milliseconds at_most);
  /// The schemas in which a person's unqualified names are looked up, as a JSON array, PostgreSQL's own left out.
  Result<std::string> search_path();
  const Until& until() const { return until_; }
  const Connection& connection() const { return *connection_; }

 private:
  Session(std::unique_ptr<Connection> connection, Target target, Until until, Layers layers);
  Result<> begin();
  Result<> check_version() const;
  Result<> usable() const;
  /// Whose names are looked up from here on. A function of a user's that fits better than a built-in one would stand in front of it, wherever
  /// pg_catalog is on the path: so Sluice's own statements see no other schema.
  enum class Names { own, theirs };
  Result<> look_up(Names names);
  Result<> check_statement(std::string_view sql) const;
  /// Back to the savepoint after a failed statement: what was prepared holds no locks any more and is forgotten.
  void recover();
  Error failed(const Failure& failure, std::string_view sql = "");
  Result<std::vector<ResultColumn>> columns_of(const Reply& described);
  Result<Type> type_of(std::uint32_t oid, int modifier);

  std::unique_ptr<Connection> connection_;
  Target target_;
  Until until_;
  Layers layers_;
  Names names_ = Names::own;
  std::string their_path_{}, their_jit_{};
  std::string prepared_{};                                 ///< the text behind kPrepared; "": none
  std::vector<ResultColumn> columns_{};                    ///< of the prepared statement's result
  std::map<std::pair<std::uint32_t, int>, Type> types_{};  ///< looked up: enums, arrays, extensions' types
};

/// "{\"a\",\"b\"}": an array parameter in PostgreSQL's text format.
std::string array_literal(std::span<const std::string> elements);
/// "\"na\"\"me\""
std::string quoted(std::string_view identifier);

}  // namespace sluice::postgres
