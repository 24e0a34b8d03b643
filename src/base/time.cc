#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "base/text.h"

namespace sluice {

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string iso_time(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::string millis = std::to_string(1000 + ms % 1000);  // leading zeros
  millis.front() = '.';
  return date.data() + millis + "Z";
}

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  struct Unit {
    std::string_view name;
    std::int64_t ms;
  };
  static constexpr std::array<Unit, 6> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"y", 365 * 86'400'000LL}}};
  constexpr std::int64_t kMsMax = 3650 * 86'400'000LL;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, ms] : kUnits)
    if (failure == std::errc() && unit == name && number > 0 && number <= kMsMax / ms) return std::chrono::milliseconds(number * ms);
  return Error{ErrorKind::input, "E0801", "\"" + show_hidden(text, false) + "\" is not a duration",
               "write a number and a unit: 90s, 30m, 2h, 1d or 1y", 0};
}

Result<std::int64_t> parse_moment(const std::string& text, std::int64_t now) {
  using namespace std::chrono;
  if (const auto ago = parse_duration(text)) return now - ago->count();
  int year_no = 0, hour = 0, minute = 0, second = 0, millis = 0, day_end = 0, seconds_end = 0, time_end = 0;
  unsigned month_no = 0, day_no = 0;
  const int found = std::sscanf(text.c_str(), "%4d-%2u-%2u%nT%2d:%2d:%2d%n.%3dZ%n", &year_no, &month_no, &day_no, &day_end, &hour, &minute, &second,
                                &seconds_end, &millis, &time_end);
  const bool whole_seconds = seconds_end > 0 && text.substr(static_cast<std::size_t>(seconds_end)) == "Z";
  const year_month_day date{year{year_no}, month{month_no}, day{day_no}};
  const bool whole = (found == 3 && day_end == std::ssize(text)) || (found == 6 && whole_seconds) || (found == 7 && time_end == std::ssize(text));
  constexpr int kHoursMax = 23, kSixtiethsMax = 59;
  const bool in_range =
      hour >= 0 && hour <= kHoursMax && minute >= 0 && minute <= kSixtiethsMax && second >= 0 && second <= kSixtiethsMax && millis >= 0;
  if (whole && in_range && date.ok())
    return duration_cast<milliseconds>((sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{millis}).time_since_epoch())
        .count();
  return Error{ErrorKind::input, "E0801", "\"" + show_hidden(text, false) + "\" is no moment",
               "write how long ago (90m, 24h, 7d), a day (2026-01-31) or a time in UTC (2026-01-31T08:30:00Z)", 0};
}

}  // namespace sluice
