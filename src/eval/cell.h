#pragma once
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "data/type.h"

namespace sluice::eval {

/// A number as it is compared: whole ones exactly, all others within kRelativeTolerance.
struct Number {
  double value = 0;
  std::string whole{};  ///< the digits of a whole number, without leading zeros; "" for any other
};

/// A value as it is compared: NULL, a number, or text. Booleans are 0 and 1; a date is ISO text, and so is a timestamp, in UTC where it has a zone
/// and as its date at midnight.
using Cell = std::variant<std::monostate, Number, std::string>;
using CellRow = std::vector<Cell>;

inline constexpr double kRelativeTolerance = 1e-6;

/// Whether a text that is a number or a moment counts as one whatever the column's type says: SQLite's columns have no fixed type, and a row written
/// by hand has none at all.
enum class Reading : unsigned char { typed, loose };

/// The value (see data/rows.h, value_json) of a column of this kind.
Cell cell_of(const Json& value, TypeKind kind, Reading reading);

bool same_cell(const Cell& a, const Cell& b);

}  // namespace sluice::eval
