#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/lexer.h"

namespace sluice {

/// Which words of a token sequence are keywords where they stand. For showing only: an identifier that is mistaken for one is merely coloured or
/// capitalised, so only words that can't name a column in that place count.
class SqlWords {
 public:
  SqlWords(std::string_view sql, const std::vector<Token>& tokens);

  /// The token's text in upper case, for words; "" for any other token.
  const std::string& upper(std::size_t token) const { return upper_[token]; }
  bool is_keyword(std::size_t token) const;
  bool is_write_keyword(std::size_t token) const;
  bool is_function(std::size_t token) const;

  /// The neighbouring token that isn't a comment; `none` where there is none.
  std::size_t before(std::size_t token) const;
  std::size_t after(std::size_t token) const;
  bool is(std::size_t token, std::string_view text) const { return token < tokens_.size() && tokens_[token].in(sql_) == text; }
  bool is_word(std::size_t token, std::string_view upper) const { return token < upper_.size() && upper_[token] == upper; }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

 private:
  std::string_view sql_;
  const std::vector<Token>& tokens_;
  std::vector<std::string> upper_{};
};

}  // namespace sluice
