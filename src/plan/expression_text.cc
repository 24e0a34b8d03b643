#include "plan/expression_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace sluice::plan {
namespace {

constexpr std::size_t kNamePartsMax = 3, kShownMax = 60;

enum class TokenKind : std::uint8_t { end, name, number, text, sign };
struct Token {
  TokenKind kind = TokenKind::end;
  std::string text{};                ///< a sign or a number as it stands, a text without its quotes
  std::vector<std::string> parts{};  ///< of a name
  bool quoted = false;               ///< a name that is no word of the notation
  std::size_t at = 0;                ///< where it begins, in bytes
};

struct Function {
  std::string_view name;
  Fn fn;
};
constexpr std::array<Function, 7> kFunctions{{{"sum", Fn::sum},
                                              {"avg", Fn::avg},
                                              {"min", Fn::min},
                                              {"max", Fn::max},
                                              {"median", Fn::median},
                                              {"count", Fn::count},
                                              {"count_distinct", Fn::count_distinct}}};
constexpr std::array<Function, 7> kComparisons{
    {{"=", Fn::eq}, {"<>", Fn::ne}, {"!=", Fn::ne}, {"<=", Fn::le}, {">=", Fn::ge}, {"<", Fn::lt}, {">", Fn::gt}}};
constexpr std::array<std::string_view, 8> kWords{"and", "or", "not", "in", "is", "null", "true", "false"};

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }

/// What a person takes for one character is counted once.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string shown(std::string_view text) { return show_hidden(clipped(text, static_cast<int>(kShownMax)), false); }

/// The words and signs of a text, one after the other.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    Token token{.at = at_};
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (c == '\'') return quoted_text(std::move(token));
    if (c == '"' || starts_word(c)) return name(std::move(token));
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number(std::move(token));
    for (const std::string_view sign : {"<>", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ","})
      if (text_.substr(at_).starts_with(sign)) {
        at_ += sign.size();
        token.kind = TokenKind::sign;
        token.text = sign;
        return token;
      }
    return error(at_, "\"" + shown(text_.substr(at_, 1)) + "\" means nothing here");
  }

  Error error(std::size_t at, const std::string& what) const {
    return {ErrorKind::input, "E0908",
            "in \"" + shown(text_) + "\", at character " + std::to_string(characters(text_.substr(0, at)) + 1) + ": " + what,
            "write columns, numbers, 'text', + - * /, comparisons, and sum, avg, min, max, median, count or count_distinct (…)", 0};
  }

 private:
  /// Up to the closing mark; two of them stand for one.
  std::optional<std::string> until(char mark) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == mark) {
        ++at_;
        if (at_ == text_.size() || text_[at_] != mark) return out;
      }
      out += text_[at_];
    }
    return std::nullopt;
  }

  Result<Token> quoted_text(Token token) {
    auto inner = until('\'');
    if (!inner) return error(token.at, "the text that begins here has no closing '");
    token.kind = TokenKind::text;
    token.text = *std::move(inner);
    return token;
  }

  Result<Token> name(Token token) {
    token.kind = TokenKind::name;
    for (;;) {  // bounded by the text
      std::string part;
      if (text_[at_] == '"') {
        token.quoted = true;
        auto inner = until('"');
        if (!inner) return error(token.at, "the name that begins here has no closing \"");
        part = *std::move(inner);
      } else {
        while (at_ < text_.size() && in_word(text_[at_])) part += text_[at_++];
      }
      if (part.empty()) return error(token.at, "a name is empty");
      token.parts.push_back(std::move(part));
      if (at_ == text_.size() || text_[at_] != '.') break;
      ++at_;
      if (at_ == text_.size() || (text_[at_] != '"' && !starts_word(text_[at_]))) return error(at_, "after the dot there has to be a name");
    }
    if (token.parts.size() > kNamePartsMax) return error(token.at, "a name has at most three parts: schema.table.column");
    token.text = text_.substr(token.at, at_ - token.at);
    return token;
  }

  Result<Token> number(Token token) {
    token.kind = TokenKind::number;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) token.text += text_[at_++];
    if (at_ < text_.size() && in_word(text_[at_])) return error(token.at, "a number is followed by letters");
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Recursive descent, loosest first: or, and, not, comparison, sum, product, value.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : lexer_(text) {}

  Result<Expr> parse() {
    TRY_VOID(advance());
    if (token_.kind == TokenKind::end) return lexer_.error(0, "there is nothing");
    TRY(Expr out, either());
    if (token_.kind != TokenKind::end) return unexpected();
    if (depth_of(out) > kExprDepthMax) return lexer_.error(0, "it is nested more than " + std::to_string(kExprDepthMax) + " levels deep");
    return out;
  }

 private:
  Result<> advance() {
    TRY(token_, lexer_.next());
    return {};
  }
  bool at_sign(std::string_view sign) const { return token_.kind == TokenKind::sign && token_.text == sign; }
  bool at_word(std::string_view word) const {
    return token_.kind == TokenKind::name && !token_.quoted && token_.parts.size() == 1 && equals_ignoring_case(token_.text, word);
  }
  Error unexpected() const {
    if (token_.kind == TokenKind::end) return lexer_.error(token_.at, "something is missing at the end");
    return lexer_.error(token_.at, "\"" + shown(token_.text) + "\" does not belong here");
  }
  Result<> expect(std::string_view sign, std::size_t opened) {
    if (at_sign(sign)) return advance();
    if (token_.kind == TokenKind::end) return lexer_.error(opened, "the parenthesis that opens here is not closed");
    return unexpected();
  }
  static int depth_of(const Expr& expr) {
    int deepest = 0;
    if (const auto* inner = std::get_if<Call>(&expr.node))
      for (const Expr& arg : inner->args) deepest = std::max(deepest, depth_of(arg));
    return deepest + 1;
  }

  Result<Expr> joined(std::string_view word, Fn fn, Result<Expr> (ExpressionParser::*part)()) {
    TRY(Expr first, (this->*part)());
    std::vector<Expr> all{std::move(first)};
    while (at_word(word)) {
      TRY_VOID(advance());
      TRY(Expr next, (this->*part)());
      all.push_back(std::move(next));
    }
    return all.size() == 1 ? std::move(all.front()) : call(fn, std::move(all));
  }
  Result<Expr> either() { return joined("or", Fn::logical_or, &ExpressionParser::both); }
  Result<Expr> both() { return joined("and", Fn::logical_and, &ExpressionParser::negated); }

  Result<Expr> negated() {
    bool negative = false;
    for (; at_word("not"); negative = !negative) TRY_VOID(advance());
    TRY(Expr out, comparison());
    return negative ? call(Fn::logical_not, {std::move(out)}) : std::move(out);
  }

  Result<Expr> comparison() {
    TRY(Expr left, sum());
    if (token_.kind == TokenKind::sign)
      for (const Function& one : kComparisons)
        if (token_.text == one.name) {
          TRY_VOID(advance());
          TRY(Expr right, sum());
          return call(one.fn, {std::move(left), std::move(right)});
        }
    if (at_word("is")) return null_test(std::move(left));
    const bool negative = at_word("not");
    if (negative) TRY_VOID(advance());
    if (at_word("in")) {
      TRY(Expr out, list_test(std::move(left)));
      return negative ? call(Fn::logical_not, {std::move(out)}) : std::move(out);
    }
    if (negative) return unexpected();
    return left;
  }

  Result<Expr> null_test(Expr value) {
    TRY_VOID(advance());
    const bool negative = at_word("not");
    if (negative) TRY_VOID(advance());
    if (!at_word("null")) return unexpected();
    TRY_VOID(advance());
    Expr out = call(Fn::is_null, {std::move(value)});
    return negative ? call(Fn::logical_not, {std::move(out)}) : std::move(out);
  }

  Result<Expr> list_test(Expr value) {
    TRY_VOID(advance());
    const std::size_t opened = token_.at;
    if (!at_sign("(")) return unexpected();
    std::vector<Expr> args{std::move(value)};
    do {
      TRY_VOID(advance());
      const std::size_t at = token_.at;
      TRY(Expr one, sum());
      if (!std::holds_alternative<Literal>(one.node)) return lexer_.error(at, "after \"in\" there are only numbers and texts");
      args.push_back(std::move(one));
    } while (at_sign(","));
    TRY_VOID(expect(")", opened));
    return call(Fn::in, std::move(args));
  }

  Result<Expr> sum() {
    TRY(Expr left, product());
    while (at_sign("+") || at_sign("-")) {
      const Fn fn = token_.text == "+" ? Fn::add : Fn::subtract;
      TRY_VOID(advance());
      TRY(Expr right, product());
      left = call(fn, {std::move(left), std::move(right)});
    }
    return left;
  }

  Result<Expr> product() {
    TRY(Expr left, value());
    while (at_sign("*") || at_sign("/")) {
      const Fn fn = token_.text == "*" ? Fn::multiply : Fn::divide;
      TRY_VOID(advance());
      TRY(Expr right, value());
      left = call(fn, {std::move(left), std::move(right)});
    }
    return left;
  }

  Result<Expr> value() {
    if (++nested_ > kExprDepthMax) return lexer_.error(token_.at, "it is nested more than " + std::to_string(kExprDepthMax) + " levels deep");
    auto out = value_here();
    --nested_;
    return out;
  }

  Result<Expr> value_here() {
    if (at_sign("(")) {
      const std::size_t opened = token_.at;
      TRY_VOID(advance());
      TRY(Expr out, either());
      TRY_VOID(expect(")", opened));
      return out;
    }
    if (at_sign("-")) {
      TRY_VOID(advance());
      if (token_.kind == TokenKind::number) return number("-");
      TRY(Expr out, value());
      return call(Fn::negate, {std::move(out)});
    }
    if (token_.kind == TokenKind::number) return number("");
    if (token_.kind == TokenKind::text) return taken(text(token_.text));
    if (at_word("true") || at_word("false")) return taken({Literal{TypeKind::boolean, at_word("true")}});
    if (token_.kind == TokenKind::name && !std::ranges::any_of(kWords, [this](std::string_view word) { return at_word(word); })) return named();
    return unexpected();
  }

  Result<Expr> taken(Expr expr) {
    TRY_VOID(advance());
    return expr;
  }

  Result<Expr> number(const std::string& sign) {
    const std::string digits = sign + token_.text;
    std::int64_t whole = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
    if (failure == std::errc() && end == digits.data() + digits.size()) return taken(integer(whole));
    constexpr std::size_t kDigitsMax = 19;
    const auto dot = token_.text.find('.');
    const std::string before = token_.text.substr(0, dot), after = dot == std::string::npos ? "" : token_.text.substr(dot + 1);
    if (after.empty() || after.find('.') != std::string::npos || before.size() > kDigitsMax || after.size() > kDigitsMax)
      return lexer_.error(token_.at, "\"" + shown(token_.text) + "\" is no number that can be computed with");
    return taken({Literal{TypeKind::decimal, sign + (before.empty() ? "0" : before) + "." + after}});
  }

  /// A column, or a function's call.
  Result<Expr> named() {
    const Token name = token_;
    TRY_VOID(advance());
    if (at_sign("(")) return function(name);
    std::vector<std::string> source = name.parts;
    std::string column_name = std::move(source.back());
    source.pop_back();
    return column(source.empty() ? "" : name_text(source), std::move(column_name));
  }

  Result<Expr> function(const Token& name) {
    const auto* const found =
        std::ranges::find_if(kFunctions, [&](const Function& one) { return !name.quoted && equals_ignoring_case(one.name, name.text); });
    if (found == kFunctions.end()) {
      std::vector<std::string> known;
      known.reserve(std::size(kFunctions));
      for (const Function& one : kFunctions) known.emplace_back(one.name);
      const std::string meant = nearest(name.text, known);
      return lexer_.error(name.at, "there is no function \"" + shown(name.text) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
    }
    const std::size_t opened = token_.at;
    TRY_VOID(advance());
    if (found->fn == Fn::count && (at_sign("*") || at_sign(")"))) {
      if (at_sign("*")) TRY_VOID(advance());
      TRY_VOID(expect(")", opened));
      return call(Fn::count_rows, {});
    }
    TRY(Expr arg, either());
    TRY_VOID(expect(")", opened));
    return call(found->fn, {std::move(arg)});
  }

  Lexer lexer_;
  Token token_{};
  int nested_ = 0;
};

}  // namespace

Result<Expr> parse_expression(std::string_view text) {
  if (text.size() > kExpressionBytesMax)
    return Error{ErrorKind::input, "E0908",
                 "an expression of " + human_bytes(static_cast<std::int64_t>(text.size())) + " is longer than " +
                     human_bytes(static_cast<std::int64_t>(kExpressionBytesMax)),
                 "make a view in the database that computes it", 0};
  return ExpressionParser(text).parse();
}

Result<std::vector<std::string>> parse_name(std::string_view text) {
  Lexer lexer(text);
  TRY(Token name, lexer.next());
  TRY(const Token rest, lexer.next());
  if (name.kind == TokenKind::name && rest.kind == TokenKind::end) return std::move(name.parts);
  Error wrong = lexer.error(name.kind == TokenKind::name ? rest.at : name.at, "this is no name of a table or column");
  wrong.hint = "write it as `sluice catalog show` does, in double quotes where it is no plain word: sales.\"Order Details\".price";
  return wrong;
}

std::string name_text(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    const bool plain = !part.empty() && starts_word(part.front()) && std::ranges::all_of(part, in_word);
    std::string quoted;
    for (const char c : part) quoted += c == '"' ? "\"\"" : std::string(1, c);
    out += (out.empty() ? "" : ".") + (plain ? part : "\"" + quoted + "\"");
  }
  return out;
}

}  // namespace sluice::plan
