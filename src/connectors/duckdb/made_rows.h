#pragma once
#include <optional>
#include <string_view>

#include "base/json.h"

namespace sluice::duckdb_detail {

inline constexpr int kPlanDepthMax = 200;

/// A number that DuckDB writes as text.
std::optional<std::int64_t> number_of(const Json& extra, std::string_view key);
/// Whether the plan's node reads a table, a file or what the plan itself holds.
bool is_scan(const Json& node);

/// Bytes of the values that functions and VALUES make, about, in all rows that the plan has of them: range(1000) is 8 kB, and two of them side by
/// side without a condition 16 MB. Unset where the plan does not tell. A series of dates counts there as one row, and so it does here.
std::optional<double> made_bytes(const Json& plan);

}  // namespace sluice::duckdb_detail
