#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice {

/// Today's clock, in milliseconds since 1970: for showing ages, never for deciding.
std::int64_t wall_clock_ms();

/// Milliseconds since 1970 as RFC 3339 text in UTC: "2013-01-31T05:00:00.000Z".
std::string iso_time(std::int64_t ms);

/// "90s", "30m", "2h", "1d", "1y" (365 days). E0801.
Result<std::chrono::milliseconds> parse_duration(const std::string& text);

/// A moment of the past, in milliseconds since 1970: a duration before `now` ("90m", "7d"), a day (its beginning) or a time, both UTC: "2026-01-31",
/// "2026-01-31T08:30:00Z", which may have milliseconds. E0801.
Result<std::int64_t> parse_moment(const std::string& text, std::int64_t now);

}  // namespace sluice
