#pragma once
// Private to this folder: what the data show about keys.
#include "connectors/duckdb/connection.h"
#include "connectors/duckdb/duckdb_engine.h"
#include "data/key_evidence.h"

namespace sluice::duckdb_detail {

/// Asks the engine, many questions in one statement, within a number of rows for all questions together. The connection must not be in a transaction:
/// a column that cannot be read would end it. Neither views nor tables with generated columns are read, which run what somebody wrote.
class DuckDbKeyEvidence : public KeyEvidence {
 public:
  DuckDbKeyEvidence(Connection& connection, const Catalog& catalog, const DuckDbSource& source);

  Result<std::vector<std::optional<Uniqueness>>> uniqueness(std::span<const KeyColumns> of) override;
  Result<std::vector<std::optional<Containment>>> containment(std::span<const Reference> of) override;

 private:
  /// Takes so many rows from the budget; false where they are not left.
  bool spend(std::int64_t rows);
  /// The table's rows, at most as many; as many where nobody knows.
  std::int64_t rows_of(const TableName& name, std::int64_t at_most) const;
  bool may_read(const TableName& name) const;
  /// Each query's row behind a number of its own, many in one statement; unset where it cannot be had.
  Result<std::vector<std::optional<Row>>> ask(std::span<const std::string> queries);
  std::string uniqueness_query(const KeyColumns& of) const;
  std::string containment_query(const Reference& of) const;

  /// Rows looked at: for all questions, for one key (and of what is referred to), and for a sample of a reference.
  struct Bounds {
    std::int64_t rows = 0, key_rows = 0, sample_rows = 0;
  };
  Bounds bounds_{};
  Connection& connection_;
  const Catalog& catalog_;
};

}  // namespace sluice::duckdb_detail
