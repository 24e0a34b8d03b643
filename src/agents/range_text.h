#pragma once
#include <string>

#include "data/column_ranges.h"

namespace sluice {

/// A column's codes or range for its line in a prompt: "all values: 0, 1, 2", "2013-01-01 to 2013-12-31"; where not all rows were read "e.g. 0, 1",
/// "e.g. from 1 to 12". Codes of a longer run without a gap are written as a range. "" where the column's name or values say that nobody should see
/// them (confidential.h).
std::string range_text(const ColumnRange& range);
inline constexpr std::size_t kRunMax = 5;  ///< codes without a gap that are all written

}  // namespace sluice
