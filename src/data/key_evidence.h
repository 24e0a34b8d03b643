#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/catalog.h"

namespace sluice {

/// Columns that may be a key together.
struct KeyColumns {
  TableName table{};
  std::vector<std::string> columns{};
};

/// What the rows that were looked at show about such columns.
struct Uniqueness {
  std::int64_t rows = 0, distinct = 0;          ///< `distinct` leaves out rows with a NULL in them
  bool whole = false;                           ///< these are all rows
  std::optional<std::int64_t> least{}, most{};  ///< of a single integer column

  bool each_once() const { return rows == distinct; }
};

/// A column that may refer to another; as text where one of them is text and the other is not.
struct Reference {
  TableName table{};
  std::string column{};
  TableName target{};
  std::string target_column{};
  bool as_text = false;
};

/// How many distinct values of a sample are in the target column.
struct Containment {
  std::int64_t values = 0, found = 0;
  bool target_empty = false;

  double share() const { return values == 0 ? 0 : static_cast<double>(found) / static_cast<double>(values); }
};

/// Looks at the data to tell a key from a coincidence. An adapter bounds what it reads by a number of rows, never by a time, so that every process
/// finds the same; what it cannot or may not read it leaves unset. Errors are those of the connection alone.
class KeyEvidence {
 public:
  virtual ~KeyEvidence() = default;
  /// One answer for each of them, in their order.
  virtual Result<std::vector<std::optional<Uniqueness>>> uniqueness(std::span<const KeyColumns> of) = 0;
  virtual Result<std::vector<std::optional<Containment>>> containment(std::span<const Reference> of) = 0;
};

}  // namespace sluice
