#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The text laid out for reading: clauses on lines of their own, select items and AND/OR conditions one a line where they don't fit, indented by
/// depth, about kFormatColumns wide, comments kept. Only white space changes and keywords' case; a text that can't be told into tokens comes back as
/// it is. Idempotent.
std::string format_sql(std::string_view sql);
inline constexpr std::size_t kFormatColumns = 100;

enum class SpanKind : std::uint8_t { keyword, identifier, string, number, comment, op, function, write_keyword };

/// Bytes [begin, end) of the text; spans are sorted and don't overlap. Punctuation and white space have none.
struct Span {
  std::size_t begin = 0, end = 0;
  SpanKind kind{};

  bool operator==(const Span&) const = default;
};

/// `write_keyword` marks words that write (INSERT, DELETE, DROP, COPY, …) wherever they stand unquoted: shown in red, not a safeguard.
/// A text that can't be told into tokens gives no spans.
std::vector<Span> highlight_spans(std::string_view sql);

/// With ANSI colours, for a terminal. Hidden and bidirectional characters are made visible here, token by token, so what is shown can't be reordered
/// or carry escape sequences, whatever the text holds. Whoever shows `highlight_spans` elsewhere (a web page) must do the same to each span's bytes:
/// cut first, then `show_hidden` on each piece.
std::string highlight_ansi(std::string_view sql);

}  // namespace sluice
