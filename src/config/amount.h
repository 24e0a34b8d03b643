#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sluice {

/// "90", "90s", "30m", "2h", "1d" as seconds; "100MB", "1.5 GB", "64MiB", "4096" as bytes. E0705.
Result<std::int64_t> parse_seconds(std::string_view text);
Result<std::int64_t> parse_bytes(std::string_view text);
/// "30" could be seconds or minutes: a key whose name does not say which wants a unit, as --approval-timeout does. E0705.
Result<std::int64_t> seconds_with_unit(std::string_view text);
/// Digits only. E0703.
Result<std::int64_t> whole_number(std::string_view text);
/// "0.2", "-1", "1e-3"; finite. E0703.
Result<double> parse_decimal(std::string_view text);

}  // namespace sluice
