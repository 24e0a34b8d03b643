#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cwchar>

namespace sluice {
namespace {

constexpr std::uint32_t kInvalid = 0xFFFFFFFF;

/// The code point at `at` and its length in bytes; kInvalid with length 1 where the bytes are not UTF-8 (RFC 3629).
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {kInvalid, 1};
  std::uint32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {kInvalid, 1};
    value = (value << 6U) | (byte(at + i) & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return {kInvalid, 1};
  return {value, length};
}

/// Characters that a person cannot see or that reorder what is seen (Unicode general categories Cc and Cf, fillers, blanks, tags, variation
/// selectors).
bool is_hidden(std::uint32_t c) {
  if (c >= 0x20 && c < 0x7F) return false;  // nearly all there is
  struct Range {
    std::uint32_t first, last;
  };
  static constexpr std::array<Range, 24> kHidden{{{0x00, 0x1F},       {0x7F, 0x9F},       {0xA0, 0xA0},       {0xAD, 0xAD},      {0x034F, 0x034F},
                                                  {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},  {0x2000, 0x200F},
                                                  {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},   {0x3000, 0x3000},  {0x3164, 0x3164},
                                                  {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},  {0x13430, 0x1343F},
                                                  {0x16FE4, 0x16FE4}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}}};
  return std::any_of(kHidden.begin(), kHidden.end(), [c](Range range) { return c >= range.first && c <= range.last; });
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) < 0x80) {  // most bytes of most texts
      ++at;
      continue;
    }
    const auto [value, length] = code_point(bytes, at);
    if (value == kInvalid) return false;
    at += length;
  }
  return true;
}

std::string replace_invalid_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto [value, length] = code_point(bytes, at);
    out += value == kInvalid ? std::string_view("\xEF\xBF\xBD") : bytes.substr(at, length);
    at += length;
  }
  return out;
}

std::string show_hidden(std::string_view text, bool keep_layout) {
  std::string out;
  std::array<char, 16> buffer{};
  for (std::size_t at = 0; at < text.size();) {
    const auto [value, length] = code_point(text, at);
    const bool layout = keep_layout && (value == '\n' || value == '\t');
    if (value == kInvalid) {
      std::snprintf(buffer.data(), buffer.size(), "\\x{%02X}", static_cast<unsigned>(static_cast<unsigned char>(text[at])));
      out += buffer.data();
    } else if (is_hidden(value) && !layout) {
      std::snprintf(buffer.data(), buffer.size(), "\\u{%04X}", static_cast<unsigned>(value));
      out += buffer.data();
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  return out;
}

std::string to_lower(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) { return a.size() == b.size() && to_lower(a) == to_lower(b); }

std::string with_thousands(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string human_bytes(std::int64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits.at(unit));
  return buffer.data();
}

std::string human_usd(double usd) {
  constexpr std::int64_t kNano = 1'000'000'000, kCent = kNano / 100, kMax = kNano * kNano;
  constexpr int kDecimalsMin = 2, kDecimals = 4, kNanoDigits = 9;
  const bool countable = usd < static_cast<double>(kMax) / kNano;
  const std::int64_t nano = !countable ? kMax : usd <= 0 ? 0 : std::llround(usd * kNano);
  int decimals = kDecimals;
  for (std::int64_t first = kCent; nano > 0 && nano < first / 10 && decimals < kNanoDigits; first /= 10) ++decimals;
  std::int64_t unit = 1;
  for (int digit = decimals; digit < kNanoDigits; ++digit) unit *= 10;
  const std::int64_t rounded = (nano + unit / 2) / unit * unit;
  std::string fraction = std::to_string(kNano + rounded % kNano).substr(1);
  while (fraction.size() > kDecimalsMin && fraction.back() == '0') fraction.pop_back();
  return "$" + with_thousands(rounded / kNano) + "." + fraction;
}

std::string human_duration(std::int64_t milliseconds) {
  std::array<char, 32> buffer{};
  const auto seconds = static_cast<double>(milliseconds) / 1000;
  if (milliseconds < 1000) {
    std::snprintf(buffer.data(), buffer.size(), "%d ms", static_cast<int>(milliseconds));
  } else if (milliseconds < 60'000) {
    std::snprintf(buffer.data(), buffer.size(), "%.1f s", seconds);
  } else if (milliseconds < 3'600'000) {
    std::snprintf(buffer.data(), buffer.size(), "%d min %02d s", static_cast<int>(milliseconds / 60'000), static_cast<int>(milliseconds / 1000 % 60));
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%d h %02d min", static_cast<int>(milliseconds / 3'600'000),
                  static_cast<int>(milliseconds / 60'000 % 60));
  }
  return buffer.data();
}

std::string counted(std::int64_t number, std::string_view noun) {
  return with_thousands(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

namespace {
/// The next character of UTF-8 text: its width in columns and its length in bytes.
std::pair<int, std::size_t> next_width(std::string_view text) {
  wchar_t wide = 0;
  std::mbstate_t state{};
  const std::size_t length = std::mbrtowc(&wide, text.data(), text.size(), &state);  // NOLINT(concurrency-mt-unsafe): the state is its own
  if (length == static_cast<std::size_t>(-1) || length == static_cast<std::size_t>(-2) || length == 0) return {1, 1};
  const int width = wcwidth(wide);
  return {width < 0 ? 1 : width, length};
}
}  // namespace

int display_width(std::string_view utf8) {
  int total = 0;
  while (!utf8.empty()) {
    const auto [width, length] = next_width(utf8);
    total += width;
    utf8.remove_prefix(length);
  }
  return total;
}

std::string clipped(std::string_view utf8, int width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::string out;
  int used = 1;  // the mark
  while (!utf8.empty()) {
    const auto [next, length] = next_width(utf8);
    if (used + next > width) break;
    used += next;
    out += utf8.substr(0, length);
    utf8.remove_prefix(length);
  }
  return out + "…";
}

std::string wrapped(std::string_view utf8, int width, std::string_view lead) {
  constexpr int kLeast = 20;
  const int room = std::max(width, kLeast) - display_width(lead);
  const std::string begin(lead);
  std::string out, line;
  for (std::size_t at = 0, end = 0; at < utf8.size(); at = end) {
    end = at + 1;
    while (end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xC0U) == 0x80U) ++end;
    line += utf8.substr(at, end - at);
    if (display_width(line) <= room) continue;
    const std::size_t full = line.size() - (end - at), space = std::string_view(line).substr(0, full).rfind(' ');
    const std::string rest = line.substr(space != std::string::npos && space > full / 2 ? space + 1 : full);
    out += begin + line.substr(0, line.size() - rest.size()) + "\n";
    line = rest;
  }
  return out + begin + line + "\n";
}

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string out(buffer.data(), end);
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string_view nonfinite_text(double value) { return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"; }

int edit_distance(std::string_view a, std::string_view b, int limit) {
  if (std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())) > limit) return limit + 1;
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return std::min(above[b.size()], limit + 1);
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const int limit = std::max(1, static_cast<int>(word.size()) / 3);
  const std::string wanted = to_lower(word);
  int best = limit + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const int distance = edit_distance(wanted, to_lower(candidate), limit);
    if (distance >= best) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string base64_encode(std::string_view bytes) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = (group << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += at + i <= bytes.size() ? kAlphabet[(group >> (18U - 6U * i)) & 63U] : '=';
  }
  return out;
}

std::string base64_decode(std::string_view text, bool& ok) {
  ok = text.size() % 4 == 0;
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (value < 0) {
      ok = false;
      return {};
    }
    group = (group << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((group >> static_cast<unsigned>(bits)) & 0xFFU);
    }
  }
  return out;
}

}  // namespace sluice
