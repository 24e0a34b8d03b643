#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// Text that nobody vouches for (comments and values of a database, contents of files, logs, what people asked before) enters a prompt only between
/// two lines that name it:
///
///   <untrusted label="log" id="5891b5b522d5">
///   …
///   </untrusted id="5891b5b522d5">
///
/// The id is made of the text and does not occur in it, so that no text holds the line that ends its own fence. What is between the lines is the text
/// with its hidden characters shown (base/text.h), so that a person who reads the prompt sees what the model sees. The same text gives the same
/// bytes. At most `bytes_max` bytes of the text are taken; a line of its own says how much was cut.
std::string fenced(std::string_view label, std::string_view text, std::size_t bytes_max);
inline constexpr std::size_t kFencedBytes = 32'000;
inline std::string fenced(std::string_view label, std::string_view text) { return fenced(label, text, kFencedBytes); }
/// A label keeps its letters, digits and `-_./`; the rest of its characters become `_`.
inline constexpr std::size_t kLabelBytesMax = 60;

/// What a prompt that holds fences says of them, once, in the part that is Sluice's own.
std::string_view fence_rule();

/// Such text within a line that stands in a fence already: a comment or a value of the catalog. One line in single quotes, a quote doubled as in SQL,
/// hidden characters shown; at most `bytes_max` bytes between the quotes, and "…" behind them where something was cut.
std::string inline_untrusted(std::string_view text, std::size_t bytes_max);

/// The first `bytes` of valid UTF-8, less the part of a character that would be left at the end.
std::string_view whole_characters(std::string_view text, std::size_t bytes);

/// The first of the twelve-digit hexadecimal numbers from `first` on that does not occur in the text, in whatever case.
std::string unused_id(std::uint64_t first, std::string_view text);

}  // namespace sluice
