#include "sql/format.h"

#include <algorithm>
#include <array>
#include <optional>

#include "sql/sql_words.h"

namespace sluice {
namespace {

constexpr std::size_t kIndent = 2;
/// A subquery up to this wide stays on its line.
constexpr std::size_t kInlineQueryMax = 60;
/// Deeper nesting is laid out flat: the layout's own recursion is bounded.
constexpr std::size_t kFormatDepthMax = 100;
constexpr int kFormatRoundsMax = 6;
constexpr std::size_t kNever = static_cast<std::size_t>(1) << 40U;  ///< a width that fits nowhere

/// Lays tokens out. Every decision follows from the tokens alone (and from whether a comment had a line of its own, which is kept), so formatting
/// twice gives the same.
class Formatter {
 public:
  Formatter(std::string_view sql, const std::vector<Token>& tokens) : sql_(sql), tokens_(tokens), words_(sql, tokens) { measure(); }

  std::string run() {
    query(0, tokens_.size(), 0, 0);
    return std::move(out_);
  }

 private:
  std::string_view text(std::size_t i) const { return tokens_[i].in(sql_); }
  bool is_comment(std::size_t i) const { return tokens_[i].kind == TokenKind::comment; }
  bool is_line_comment(std::size_t i) const { return is_comment(i) && text(i).starts_with("--"); }
  bool opens(std::size_t i) const { return words_.is(i, "(") || words_.is(i, "[") || words_.is(i, "{") || is_case(i); }
  bool closes(std::size_t i) const { return words_.is(i, ")") || words_.is(i, "]") || words_.is(i, "}") || is_end(i); }
  bool is_case(std::size_t i) const { return words_.is_word(i, "CASE") && words_.is_keyword(i); }
  bool is_end(std::size_t i) const { return words_.is_word(i, "END") && words_.is_keyword(i); }

  /// A comment with a line to itself in the source keeps it.
  bool has_own_line(std::size_t i) const {
    const auto newline_in = [&](std::size_t from, std::size_t to) {
      return sql_.substr(from, to - from).find_first_of("\n\r") != std::string_view::npos;
    };
    const bool before = i == 0 || newline_in(tokens_[i - 1].end, tokens_[i].begin);
    if (is_line_comment(i)) return before;
    return before && (i + 1 == tokens_.size() || newline_in(tokens_[i].end, tokens_[i + 1].begin));
  }

  void measure() {
    const std::size_t n = tokens_.size();
    partner_.assign(n, n);
    width_.assign(n + 1, 0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < n; ++i) {
      if (opens(i)) open.push_back(i);
      if (closes(i) && !open.empty() && is_case(open.back()) == is_end(i)) {
        partner_[open.back()] = i;
        open.pop_back();
      }
      std::size_t wide = tokens_[i].end - tokens_[i].begin + (i > 0 && spaced(i - 1, i) ? 1 : 0);
      const bool breaks = is_line_comment(i) || (is_comment(i) && (has_own_line(i) || text(i).find('\n') != std::string_view::npos));
      if (breaks) wide = kNever;
      width_[i + 1] = width_[i] + wide;
    }
  }

  std::size_t flat_width(std::size_t begin, std::size_t end) const { return width_[end] - width_[begin]; }
  bool fits(std::size_t begin, std::size_t end, std::size_t indent) const { return indent + flat_width(begin, end) <= kFormatColumns; }

  /// After the group that begins at `i`, or after the single token.
  std::size_t skip(std::size_t i) const { return partner_[i] < tokens_.size() ? partner_[i] + 1 : i + 1; }

  bool is_sign(std::size_t i) const {
    if (!words_.is(i, "-") && !words_.is(i, "+")) return false;
    const std::size_t previous = words_.before(i);
    if (previous == SqlWords::none) return true;
    const TokenKind kind = tokens_[previous].kind;
    return kind == TokenKind::op || words_.is(previous, "(") || words_.is(previous, "[") || words_.is(previous, ",") ||
           (words_.is_keyword(previous) && !is_end(previous) && !words_.is_word(previous, "NULL"));
  }

  /// Whether a space parts two tokens on one line. Only pairs that stay two tokens when written together go without.
  bool spaced(std::size_t a, std::size_t b) const {
    if (is_comment(a) || is_comment(b)) return true;
    const TokenKind left = tokens_[a].kind;
    const TokenKind right = tokens_[b].kind;
    if (words_.is(b, ",") || words_.is(b, ";") || words_.is(b, ")") || words_.is(b, "]") || words_.is(b, "}")) return false;
    if (words_.is(a, "(") || words_.is(a, "[") || words_.is(a, "{")) return false;
    const bool named = left == TokenKind::word || left == TokenKind::quoted || words_.is(a, ")") || words_.is(a, "]");
    if (words_.is(b, ".")) return !named;
    if (words_.is(a, ".")) return right != TokenKind::word && right != TokenKind::quoted && !words_.is(b, "*");
    if (words_.is(a, "::") || words_.is(b, "::")) return left == TokenKind::op && right == TokenKind::op;
    if (words_.is(b, ":")) return left == TokenKind::op || words_.is(a, ":") || words_.is(a, "?");
    const std::size_t before = words_.is(a, ":") ? words_.before(a) : SqlWords::none;  // a slice: x[1:2]
    if (before != SqlWords::none && right == TokenKind::number) return tokens_[before].kind != TokenKind::number && !words_.is(before, "[");
    if (words_.is(b, "[")) return !(named && !words_.is_keyword(a)) && !words_.is_word(a, "ARRAY");
    if (words_.is(b, "(")) return !(named && (!takes_space(a))) && !words_.is(a, "(");
    if (left == TokenKind::op && is_sign(a)) return right == TokenKind::op || right == TokenKind::string || right == TokenKind::punctuation;
    return true;
  }

  /// Words before a parenthesis that aren't a function's name.
  bool takes_space(std::size_t i) const {
    if (words_.is_word(i, "CAST")) return false;
    const std::string& word = words_.upper(i);
    if (word.empty()) return words_.is(i, ")");
    return words_.is_keyword(i) || word == "VALUES" || word == "MATERIALIZED";
  }

  // --- writing ---

  void new_line(std::size_t indent) {
    pending_ = true;
    indent_ = indent;
  }

  void put(std::size_t i) {
    const bool own_line = is_comment(i) && has_own_line(i);
    // A comment behind something stays behind it; the line breaks after it.
    const bool trails = is_line_comment(i) && !own_line;
    if (own_line && !out_.empty()) pending_ = true;
    if (out_.empty()) {
      pending_ = false;
    } else if (pending_ && !trails) {
      out_ += '\n';
      out_.append(indent_, ' ');
      column_ = indent_;
      pending_ = false;
    } else if (last_ != SqlWords::none && spaced(last_, i)) {
      out_ += ' ';
      ++column_;
    }
    const std::string word = !words_.upper(i).empty() && words_.is_keyword(i) ? words_.upper(i) : std::string(text(i));
    out_ += word;
    column_ += word.size();
    last_ = i;
    if (is_line_comment(i) || own_line) pending_ = true;
  }

  void flat(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) put(i);
  }

  // --- structure ---

  bool begins_query(std::size_t i) const {
    return words_.is_word(i, "SELECT") || words_.is_word(i, "WITH") || words_.is_word(i, "VALUES") ||
           (words_.is_word(i, "FROM") && words_.is(words_.before(i), "("));
  }
  bool is_query_group(std::size_t open) const {
    const std::size_t first = words_.after(open);
    return words_.is(open, "(") && first != SqlWords::none && first < partner_[open] && begins_query(first);
  }

  bool is_window_group(std::size_t open) const {
    const std::size_t first = words_.after(open);
    return words_.is(open, "(") && first != SqlWords::none && (words_.is_word(first, "PARTITION") || words_.is_word(first, "ORDER")) &&
           words_.is_keyword(first);
  }

  bool is_set_operator(std::size_t i) const {
    return words_.is_keyword(i) &&
           (words_.is_word(i, "UNION") || words_.is_word(i, "INTERSECT") || (words_.is_word(i, "EXCEPT") && !words_.is(words_.before(i), "*")));
  }
  bool is_join_word(std::size_t i) const {
    static constexpr std::array<std::string_view, 12> kJoin{"JOIN",  "LEFT", "RIGHT", "FULL", "INNER",      "OUTER",
                                                            "CROSS", "SEMI", "ANTI",  "ASOF", "POSITIONAL", "NATURAL"};
    return !words_.upper(i).empty() && words_.is_keyword(i) && std::find(kJoin.begin(), kJoin.end(), words_.upper(i)) != kJoin.end() &&
           !words_.is(words_.after(i), "(");
  }

  /// Whether a clause begins at `i`, at the top level of its query.
  bool begins_clause(std::size_t i) const {
    static constexpr std::array<std::string_view, 13> kClauses{"PARTITION", "SELECT", "FROM",  "WHERE",  "GROUP", "HAVING", "QUALIFY",
                                                               "WINDOW",    "ORDER",  "LIMIT", "OFFSET", "FETCH", "VALUES"};
    if (words_.upper(i).empty() || !words_.is_keyword(i)) return false;
    const std::size_t previous = words_.before(i);
    if (is_set_operator(i)) return true;
    if (is_join_word(i)) return previous == SqlWords::none || !is_join_word(previous);
    if (words_.is_word(i, "WITH"))
      return previous == SqlWords::none || words_.is(previous, "(") || words_.is(previous, ")") || words_.is(previous, ";");
    // IS DISTINCT FROM and EXTRACT's FROM (within parentheses) are no clauses.
    if (words_.is_word(i, "FROM") && words_.is_word(previous, "DISTINCT")) return words_.is_word(words_.before(previous), "SELECT");
    if (words_.is_word(i, "GROUP") && words_.is_word(previous, "WITHIN")) return false;
    return std::find(kClauses.begin(), kClauses.end(), words_.upper(i)) != kClauses.end();
  }

  /// The words that head a clause: "GROUP BY", "LEFT OUTER JOIN", "SELECT DISTINCT".
  std::size_t head_end(std::size_t begin, std::size_t end) const {
    std::size_t i = begin + 1;
    const auto continues = [&](std::size_t at) {
      if (words_.upper(at).empty()) return false;
      if (is_join_word(begin)) return is_join_word(at);
      return words_.is_word(at, "BY") || words_.is_word(at, "DISTINCT") || words_.is_word(at, "ALL") || words_.is_word(at, "RECURSIVE") ||
             (is_set_operator(begin) && words_.is_word(at, "NAME"));
    };
    while (i < end && continues(i)) ++i;
    return i;
  }

  void query(std::size_t begin, std::size_t end, std::size_t indent, std::size_t depth) {
    if (depth > kFormatDepthMax) return flat(begin, end);
    std::size_t at = begin;
    while (at < end) {
      std::size_t next = at + 1 > end ? end : skip(at);
      while (next < end && !begins_clause(next) && !words_.is(next - 1, ";")) next = skip(next);
      next = std::min(next, end);
      if (at > begin) new_line(indent);
      clause(at, next, indent, depth);
      at = next;
    }
  }

  void clause(std::size_t begin, std::size_t end, std::size_t indent, std::size_t depth) {
    while (begin < end && is_comment(begin)) {
      put(begin++);
      if (begin < end) pending_ ? new_line(indent) : void();
    }
    if (begin == end) return;
    const bool has_query = holds_wide_query(begin, end);
    if (!has_query && fits(begin, end, indent)) return flat(begin, end);
    const std::size_t body = begins_clause(begin) ? head_end(begin, end) : begin;
    flat(begin, body);
    if (body == end) return;
    const bool listed = words_.is_word(begin, "SELECT") || words_.is_word(begin, "GROUP") || words_.is_word(begin, "ORDER") ||
                        words_.is_word(begin, "PARTITION") || words_.is_word(begin, "VALUES");
    const bool condition = words_.is_word(begin, "WHERE") || words_.is_word(begin, "HAVING") || words_.is_word(begin, "QUALIFY");
    if (listed) {
      new_line(indent + kIndent);
      items(body, end, indent + kIndent, depth, ",");
    } else if (condition) {
      items(body, end, indent + kIndent, depth, "AND");
    } else if (words_.is_word(begin, "WITH") || words_.is_word(begin, "FROM")) {
      items(body, end, words_.is_word(begin, "WITH") ? indent : indent + kIndent, depth, ",");
    } else if (is_join_word(begin)) {
      join(body, end, indent + kIndent, depth);
    } else {
      range(body, end, indent, depth);
    }
  }

  bool holds_wide_query(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i)
      if (partner_[i] < tokens_.size() && is_query_group(i) && flat_width(i, partner_[i] + 1) > kInlineQueryMax) return true;
    return false;
  }

  /// `… ON a AND b`: ON and its conditions on lines of their own where the whole doesn't fit.
  void join(std::size_t begin, std::size_t end, std::size_t indent, std::size_t depth) {
    std::size_t on = begin;
    while (on < end && !(words_.is_word(on, "ON") && words_.is_keyword(on))) on = skip(on);
    on = std::min(on, end);
    range(begin, on, indent - kIndent, depth);
    if (on == end) return;
    new_line(indent);
    put(on);
    items(on + 1, end, indent + kIndent, depth, "AND");
  }

  /// Items parted by commas (which end a line), or conditions parted by AND/OR (which begin one).
  void items(std::size_t begin, std::size_t end, std::size_t indent, std::size_t depth, std::string_view separator) {
    const bool commas = separator == ",";
    std::size_t at = begin;
    bool between = false;
    for (std::size_t i = begin; i < end; i = std::min(skip(i), end)) {
      if (words_.is_word(i, "BETWEEN")) between = true;
      if (commas) {
        if (!words_.is(i, ",")) continue;
        range(at, i + 1, indent, depth);
        at = i + 1;
        if (at < end) new_line(indent);
        continue;
      }
      const bool joins = words_.is_word(i, "AND") || words_.is_word(i, "OR");
      if (!joins || i == begin) continue;
      if (between && words_.is_word(i, "AND")) {
        between = false;
        continue;
      }
      range(at, i, indent, depth);
      new_line(indent);
      at = i;
    }
    range(at, end, indent, depth);
  }

  /// Tokens in a row; a group that doesn't fit is opened up.
  void range(std::size_t begin, std::size_t end, std::size_t indent, std::size_t depth) {
    for (std::size_t i = begin; i < end;) {
      const std::size_t close = partner_[i];
      if (close >= end || depth > kFormatDepthMax) {
        put(i++);
        continue;
      }
      const bool is_query = is_query_group(i);
      const std::size_t wide = flat_width(i, close + 1);
      const std::size_t column = pending_ ? indent_ : column_;
      if (wide <= (is_query ? kInlineQueryMax : kFormatColumns) && column + wide <= kFormatColumns && !holds_wide_query(i + 1, close)) {
        flat(i, close + 1);
      } else if (is_case(i)) {
        cases(i, close, indent, depth + 1);
      } else {
        put(i);
        new_line(indent + kIndent);
        if (is_query || is_window_group(i)) {
          query(i + 1, close, indent + kIndent, depth + 1);
        } else {
          items(i + 1, close, indent + kIndent, depth + 1, has_comma(i + 1, close) ? "," : "AND");
        }
        new_line(indent);
        put(close);
      }
      i = close + 1;
    }
  }

  bool has_comma(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; i = skip(i))
      if (words_.is(i, ",")) return true;
    return false;
  }

  /// CASE with each WHEN and ELSE on a line.
  void cases(std::size_t open, std::size_t close, std::size_t indent, std::size_t depth) {
    put(open);
    std::size_t at = open + 1;
    for (std::size_t i = open + 1; i < close; i = std::min(skip(i), close)) {
      if (!words_.is_word(i, "WHEN") && !words_.is_word(i, "ELSE")) continue;
      range(at, i, indent + kIndent, depth);
      new_line(indent + kIndent);
      at = i;
    }
    range(at, close, indent + kIndent, depth);
    new_line(indent);
    put(close);
  }

  std::string_view sql_;
  const std::vector<Token>& tokens_;
  SqlWords words_;
  std::vector<std::size_t> partner_{};
  std::vector<std::size_t> width_{};
  std::string out_{};
  bool pending_ = false;
  std::size_t indent_ = 0, column_ = 0, last_ = SqlWords::none;
};

bool same_tokens(std::string_view a, const std::vector<Token>& ours, std::string_view b, const std::vector<Token>& theirs) {
  const auto equal = [&](const Token& x, const Token& y) {
    if (x.kind != y.kind) return false;
    const auto same_letter = [](char p, char q) { return p == q || ((p | 0x20) == (q | 0x20) && (p | 0x20) >= 'a' && (p | 0x20) <= 'z'); };
    const std::string_view left = x.in(a), right = y.in(b);
    return x.kind == TokenKind::word ? std::equal(left.begin(), left.end(), right.begin(), right.end(), same_letter) : left == right;
  };
  return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), equal);
}

}  // namespace

std::string format_sql(std::string_view sql) {
  // A comment may come to stand on a line of its own, which counts in the next round: laid out until nothing moves.
  std::string text(sql);
  for (int round = 0; round < kFormatRoundsMax; ++round) {
    const auto tokens = tokenize(text);
    if (!tokens || tokens->empty()) return std::string(sql);
    std::string formatted = Formatter(text, *tokens).run();
    if (formatted == text) return text;
    // A layout that reads differently is worse than none.
    const auto again = tokenize(formatted);
    if (!again || !same_tokens(text, *tokens, formatted, *again)) return std::string(sql);
    text = std::move(formatted);
  }
  return std::string(sql);
}

}  // namespace sluice
