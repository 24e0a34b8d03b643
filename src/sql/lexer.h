#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

enum class TokenKind : std::uint8_t {
  word,         ///< an unquoted identifier or keyword
  quoted,       ///< "…" or U&"…"
  string,       ///< '…', E'…', U&'…', B'…', X'…', N'…', $tag$…$tag$
  number,       ///< 1, 1.5e3, .5, 0x1F, 1_000
  parameter,    ///< $1, ?, $name
  op,           ///< an operator: a maximal run of operator characters, or ::
  punctuation,  ///< ( ) [ ] { } , ; .  and : alone
  comment,      ///< -- … (without the newline) or /* … */, nested
};

/// A token's bytes are sql[begin, end). White space lies between tokens.
struct Token {
  TokenKind kind{};
  std::size_t begin = 0, end = 0;

  std::string_view in(std::string_view sql) const { return sql.substr(begin, end - begin); }
  bool operator==(const Token&) const = default;
};

/// The tokens of a SQL text in either dialect; none where it can't be told apart: an unterminated string, quoted name or comment, a NUL.
/// It classifies for showing and formatting, never for deciding what is safe: that is the parsers' work.
std::optional<std::vector<Token>> tokenize(std::string_view sql);

}  // namespace sluice
