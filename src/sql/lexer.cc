#include "sql/lexer.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::string_view kOperatorCharacters = "+-*/<>=~!@#%^&|`";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_word(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }
bool is_operator(char c) { return kOperatorCharacters.find(c) != std::string_view::npos; }

/// Reads one token after another; `fail` once the text can't be told apart any more.
class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::optional<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (at_ < sql_.size() && !failed_) {
      if (is_space(sql_[at_])) {
        ++at_;
        continue;
      }
      const std::size_t begin = at_;
      const TokenKind kind = next();
      tokens.push_back({kind, begin, at_});
    }
    if (failed_) return std::nullopt;
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  TokenKind next() {
    const char c = sql_[at_];
    if (c == '\0') failed_ = true;
    if (c == '-' && peek(1) == '-') return line_comment();
    if (c == '/' && peek(1) == '*') return block_comment();
    if (c == '\'') return string(false);
    if (c == '"') return quoted();
    if (c == '$') return dollar();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_word_start(c)) return word();
    if (c == ':' && peek(1) == ':') return advance(2, TokenKind::op);
    if (c == ':' && peek(1) == '=') return advance(2, TokenKind::op);
    if (c == '?') return advance(1, TokenKind::parameter);
    if (is_operator(c)) return operator_run();
    return advance(1, TokenKind::punctuation);
  }

  TokenKind advance(std::size_t bytes, TokenKind kind) {
    at_ += bytes;
    return kind;
  }

  TokenKind line_comment() {
    while (at_ < sql_.size() && sql_[at_] != '\n' && sql_[at_] != '\r') ++at_;
    return TokenKind::comment;
  }

  TokenKind block_comment() {
    std::size_t depth = 0;
    do {
      if (at_ + 1 >= sql_.size()) {
        failed_ = true;
        return TokenKind::comment;
      }
      if (sql_[at_] == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (sql_[at_] == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0);
    return TokenKind::comment;
  }

  /// From the opening quote; a doubled quote is a quote, and with `escapes` a backslash protects what follows.
  void until_quote(char quote, bool escapes) {
    ++at_;
    while (at_ < sql_.size()) {
      const char c = sql_[at_];
      if ((escapes && c == '\\') || (c == quote && peek(1) == quote)) {
        at_ += 2;
      } else {
        ++at_;
        if (c == quote) return;
      }
    }
    failed_ = true;
    at_ = sql_.size();
  }

  TokenKind string(bool escapes) {
    until_quote('\'', escapes);
    return TokenKind::string;
  }

  TokenKind quoted() {
    until_quote('"', false);
    return TokenKind::quoted;
  }

  /// $1, $name, or a dollar-quoted string.
  TokenKind dollar() {
    std::size_t end = at_ + 1;
    if (end < sql_.size() && is_digit(sql_[end])) {
      while (end < sql_.size() && is_digit(sql_[end])) ++end;
      at_ = end;
      return TokenKind::parameter;
    }
    while (end < sql_.size() && sql_[end] != '$' && is_word(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') {
      const bool named = end > at_ + 1;
      at_ = named ? end : at_ + 1;
      return named ? TokenKind::parameter : TokenKind::op;
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos) failed_ = true;
    at_ = failed_ ? sql_.size() : close + tag.size();
    return TokenKind::string;
  }

  TokenKind number() {
    const auto digits = [&](auto accepts) {
      while (at_ < sql_.size() && (accepts(sql_[at_]) || sql_[at_] == '_')) ++at_;
    };
    if (sql_[at_] == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at_ += 2;
      digits([](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
      return TokenKind::number;
    }
    digits(is_digit);
    if (peek() == '.' && peek(1) != '.') {
      ++at_;
      digits(is_digit);
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      if (is_digit(peek(sign))) {
        at_ += sign;
        digits(is_digit);
      }
    }
    return TokenKind::number;
  }

  TokenKind word() {
    const char c = static_cast<char>(sql_[at_] | 0x20);
    if (peek(1) == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n')) {
      ++at_;
      return string(c == 'e');
    }
    if (c == 'u' && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"')) {
      at_ += 2;
      return sql_[at_] == '"' ? quoted() : string(false);
    }
    while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
    return TokenKind::word;
  }

  TokenKind operator_run() {
    do {
      ++at_;
      // A comment ends an operator.
    } while (at_ < sql_.size() && is_operator(sql_[at_]) && !(sql_[at_] == '-' && peek(1) == '-') && !(sql_[at_] == '/' && peek(1) == '*'));
    return TokenKind::op;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::vector<Token>> tokenize(std::string_view sql) {
  auto tokens = Lexer(sql).run();
  // An escape at the very end may step past it.
  if (tokens && !tokens->empty() && tokens->back().end > sql.size()) return std::nullopt;
  return tokens;
}

}  // namespace sluice
