#include "agents/token_estimate.h"

namespace sluice {
namespace {

constexpr std::int64_t kLettersPerToken = 4, kRepeatedPerToken = 4, kSpacesPerToken = 4;

bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

std::int64_t rounded_up(std::size_t count, std::int64_t per) { return (static_cast<std::int64_t>(count) + per - 1) / per; }

/// What a byte beyond ASCII costs where it begins a character (as many tokens as bytes follow), or stands where none was begun.
std::int64_t cost_beyond_ascii(unsigned char c) { return c >= 0xF8 ? 1 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1; }
std::size_t bytes_behind(unsigned char c) { return c >= 0xF8 ? 0 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0; }

}  // namespace

std::int64_t estimated_tokens(std::string_view utf8) {
  std::int64_t tokens = 0;
  std::size_t trailing = 0;  // bytes that may yet belong to the character before
  for (std::size_t at = 0; at < utf8.size();) {
    const auto c = static_cast<unsigned char>(utf8[at]);
    std::size_t end = at + 1;
    if (is_letter(c)) {
      while (end < utf8.size() && is_letter(static_cast<unsigned char>(utf8[end]))) ++end;
      tokens += rounded_up(end - at, kLettersPerToken);
    } else if (c >= 0x80) {
      const bool inside = c < 0xC0 && trailing > 0;
      tokens += inside ? 0 : cost_beyond_ascii(c);
      trailing = inside ? trailing - 1 : bytes_behind(c);
      at = end;
      continue;
    } else if (is_digit(c)) {
      ++tokens;
    } else {
      while (end < utf8.size() && utf8[end] == utf8[at] && c > ' ') ++end;
      if (c == ' ')
        while (end < utf8.size() && utf8[end] == ' ') ++end;
      tokens += c == ' ' ? rounded_up(end - at - 1, kSpacesPerToken) : rounded_up(end - at, kRepeatedPerToken);
    }
    trailing = 0;
    at = end;
  }
  return tokens;
}

}  // namespace sluice
