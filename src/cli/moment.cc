#include "cli/moment.h"

#include <chrono>
#include <cstdio>

#include "base/text.h"

namespace sluice {

Result<TimeMs> parse_moment(const std::string& text, TimeMs now) {
  using namespace std::chrono;
  if (const auto ago = parse_duration(text)) return now - ago->count();
  int year_no = 0, hour = 0, minute = 0, second = 0, day_end = 0, time_end = 0;
  unsigned month_no = 0, day_no = 0;
  const int found =
      std::sscanf(text.c_str(), "%4d-%2u-%2u%nT%2d:%2d:%2dZ%n", &year_no, &month_no, &day_no, &day_end, &hour, &minute, &second, &time_end);
  const year_month_day date{year{year_no}, month{month_no}, day{day_no}};
  const bool whole = (found == 3 && day_end == std::ssize(text)) || (found == 6 && time_end == std::ssize(text));
  constexpr int kHoursMax = 23, kSixtiethsMax = 59;
  const bool in_range = hour >= 0 && hour <= kHoursMax && minute >= 0 && minute <= kSixtiethsMax && second >= 0 && second <= kSixtiethsMax;
  if (whole && in_range && date.ok())
    return duration_cast<milliseconds>((sys_days{date} + hours{hour} + minutes{minute} + seconds{second}).time_since_epoch()).count();
  return Error{ErrorKind::input, "E0801", "\"" + show_hidden(text, false) + "\" is no moment",
               "write how long ago (90m, 24h, 7d), a day (2026-01-31) or a time in UTC (2026-01-31T08:30:00Z)", 0};
}

}  // namespace sluice
