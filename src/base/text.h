#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

bool is_valid_utf8(std::string_view bytes);
/// Every byte sequence that is not UTF-8 becomes U+FFFD.
std::string replace_invalid_utf8(std::string_view bytes);
/// Control, bidirectional, zero-width and other invisible characters as `\u{202E}`, so that a person sees what is there.
/// Newline and tab stay where `keep_layout`. Invalid bytes as `\x{FF}`.
std::string show_hidden(std::string_view text, bool keep_layout);

std::string to_lower(std::string_view ascii);  ///< ASCII letters only; other bytes stay.
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
bool equals_ignoring_case(std::string_view a, std::string_view b);  ///< ASCII

/// 1234567 → "1,234,567"; 12345678 bytes → "12.3 MB" (powers of ten); 1234 ms → "1.2 s".
std::string with_thousands(std::int64_t number);
std::string human_bytes(std::int64_t bytes);
std::string human_duration(std::int64_t milliseconds);
/// "$0.50", "$1,234.00", "$0.0625", "$0.0000012": cents at least, and as many more digits as a small amount needs.
std::string human_usd(double usd);
std::string counted(std::int64_t number, std::string_view noun);  ///< "1 row", "1,234 rows"

/// Columns that the text takes in a terminal: wide and combining characters count as they show, if the process has set a UTF-8 locale.
int display_width(std::string_view utf8);
/// At most `width` columns of it; a cut is marked by "…".
std::string clipped(std::string_view utf8, int width);
/// The text in lines of at most `width` columns (20 at the least), cut at spaces where there are some, each behind `lead` and with its newline.
std::string wrapped(std::string_view utf8, int width, std::string_view lead);
/// The shortest text that reads back as the same double.
std::string number_text(double value);
/// "NaN", "Infinity" or "-Infinity", as PostgreSQL writes them: what has no JSON number.
std::string_view nonfinite_text(double value);

/// Damerau-Levenshtein distance (adjacent transpositions count 1), at most `limit + 1`.
int edit_distance(std::string_view a, std::string_view b, int limit);
/// The candidate nearest to `word` (ignoring case), or "" where none is near enough to be meant: ` did you mean "x"?` is made of it.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

std::string base64_encode(std::string_view bytes);
/// Invalid input gives an empty optional-like empty string with `ok` false.
std::string base64_decode(std::string_view text, bool& ok);

}  // namespace sluice
