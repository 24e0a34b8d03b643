#pragma once
#include <string>

#include "cli/session.h"

namespace sluice {

/// A moment of the past: a duration before `now` ("90m", "7d"), a day (its beginning) or a time, both UTC: "2026-01-31", "2026-01-31T08:30:00Z".
/// E0801.
Result<TimeMs> parse_moment(const std::string& text, TimeMs now);

}  // namespace sluice
