#include "eval/gold_order.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/text.h"
#include "sql/lexer.h"

namespace sluice::eval {
namespace {

/// The tokens that stand outside of all brackets, without comments; those within belong to the text between two of them.
class TopLevel {
 public:
  explicit TopLevel(std::string_view sql) : sql_(sql) {
    const auto tokens = tokenize(sql);
    if (!tokens) return;
    int depth = 0;
    for (const Token& token : *tokens) {
      if (token.kind == TokenKind::comment) continue;
      const std::string_view text = token.in(sql);
      const bool opens = text == "(" || text == "[" || text == "{", closes = text == ")" || text == "]" || text == "}";
      depth -= closes ? 1 : 0;
      if (depth == 0 && !opens && !closes) tokens_.push_back(token);
      depth += opens ? 1 : 0;
      if (text != ";") end_ = token.end;
    }
  }

  bool is(std::size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::word && equals_ignoring_case(tokens_[i].in(sql_), word);
  }
  bool is_comma(std::size_t i) const { return tokens_[i].in(sql_) == ","; }
  bool is_end(std::size_t i) const {
    return i >= tokens_.size() || is(i, "limit") || is(i, "offset") || is(i, "fetch") || tokens_[i].in(sql_) == ";";
  }
  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t i) const { return tokens_[i]; }
  std::size_t begin_of(std::size_t i) const { return i < tokens_.size() ? tokens_[i].begin : end_; }

  /// Where the list of columns ends: the FROM after the last SELECT.
  std::optional<std::size_t> from() const {
    std::optional<std::size_t> out;
    bool selected = false;
    for (std::size_t i = 0; i < size(); ++i) {
      if (is(i, "select")) {
        selected = true;
        out.reset();
      }
      if (selected && !out && is(i, "from") && !(i > 0 && is(i - 1, "distinct"))) out = i;
    }
    return out;
  }

  /// The texts of the keys after the last ORDER BY, without their directions.
  std::vector<std::string> order_keys() const {
    std::size_t at = size();
    for (std::size_t i = 0; i + 1 < size(); ++i)
      if (is(i, "order") && is(i + 1, "by")) at = i + 2;
    std::vector<std::string> out;
    std::size_t begin = at < size() ? tokens_[at - 1].end : end_;
    for (bool directed = false; at <= size(); ++at) {
      const bool ends = is_end(at) || is_comma(at);
      const bool direction = !ends && (is(at, "asc") || is(at, "desc") || is(at, "nulls"));
      if ((ends || direction) && !directed) out.emplace_back(trim(sql_.substr(begin, begin_of(at) - begin)));
      directed = (directed || direction) && !ends;
      if (is_end(at)) break;
      if (ends) begin = tokens_[at].end;
    }
    return out;
  }

 private:
  std::string_view sql_;
  std::vector<Token> tokens_{};
  std::size_t end_ = 0;
};

const Query& first_select(const Query& query) {
  const Query* out = &query;
  while (!out->operands.empty()) out = &out->operands.front();
  return *out;
}

bool is_name_of(const Expr& key, const Target& target) {
  if (key.kind != ExprKind::column || key.name.size() != 1) return false;
  const std::string& name = !target.alias.empty() || target.value.name.empty() ? target.alias : target.value.name.back();
  return equals_ignoring_case(key.name.front(), name);
}

/// The place that a key names by its number, from 0.
std::optional<std::size_t> numbered(const Expr& key, std::size_t columns) {
  if (key.kind != ExprKind::literal || key.literal != LiteralKind::integer) return std::nullopt;
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(key.text.data(), key.text.data() + key.text.size(), number);
  return failure == std::errc() && number >= 1 && number <= columns ? std::optional(number - 1) : std::nullopt;
}

std::optional<std::size_t> place_of(const Expr& key, const std::vector<Target>& targets, NameCase names) {
  if (const auto place = numbered(key, targets.size())) return place;
  const std::string wanted = canonical(key, names);
  const auto found = std::ranges::find_if(targets, [&](const Target& one) { return canonical(one.value, names) == wanted || is_name_of(key, one); });
  if (found == targets.end()) return std::nullopt;
  return static_cast<std::size_t>(found - targets.begin());
}

bool has_star(const std::vector<Target>& targets) {
  return std::ranges::any_of(targets, [](const Target& one) { return one.value.kind == ExprKind::star; });
}

/// Equal, not only nearly so: what the engine sorted by.
bool same_key(const Cell& a, const Cell& b) {
  const auto *x = std::get_if<Number>(&a), *y = std::get_if<Number>(&b);
  return x != nullptr && y != nullptr ? x->value == y->value && x->whole == y->whole : same_cell(a, b);
}

}  // namespace

bool is_ordered(const Query& query) { return !query.order_by.empty() || query.order_by_all; }

std::optional<KeyedQuery> with_order_keys(const Query& query, std::string_view sql, NameCase names) {
  if (query.order_by.empty() || query.order_by_all) return std::nullopt;
  const Query& first = first_select(query);
  const bool star = has_star(first.targets);
  KeyedQuery out{.sql = std::string(sql)};
  std::string columns;
  const TopLevel top(sql);
  const std::vector<std::string> texts = top.order_keys();
  for (std::size_t i = 0; i < query.order_by.size(); ++i) {
    const Expr& key = query.order_by[i].value;
    const auto place = star ? std::nullopt : place_of(key, first.targets, names);
    if (place) {
      out.keys.push_back({.added = false, .place = *place});
      continue;
    }
    const bool by_number = key.kind == ExprKind::literal;
    if (by_number || &first != &query || query.distinct || !query.distinct_on.empty()) return std::nullopt;
    if (texts.size() != query.order_by.size()) return std::nullopt;
    columns += ", " + texts[i] + " AS order_key_" + std::to_string(out.added);
    out.keys.push_back({.added = true, .place = out.added++});
  }
  if (columns.empty()) return out;
  const auto from = top.from();
  if (!from) return std::nullopt;
  out.sql.insert(top[*from].begin, columns + " ");
  return out;
}

std::optional<std::vector<std::size_t>> ties_of(const Compared& plain, const Compared& keyed, const KeyedQuery& query) {
  if (keyed.rows.size() != plain.rows.size() || keyed.width != plain.width + query.added) return std::nullopt;
  const auto same_keys = [&](const CellRow& a, const CellRow& b) {
    return std::ranges::all_of(query.keys, [&](const KeyedQuery::Key& key) {
      const std::size_t place = key.added ? plain.width + key.place : key.place;
      return same_key(a[place], b[place]);
    });
  };
  std::vector<std::size_t> sizes;
  std::vector<CellRow> shown;
  for (std::size_t i = 0; i < keyed.rows.size(); ++i) {
    if (i > 0 && same_keys(keyed.rows[i], keyed.rows[i - 1]))
      ++sizes.back();
    else
      sizes.push_back(1);
    shown.emplace_back(keyed.rows[i].begin(), keyed.rows[i].begin() + static_cast<std::ptrdiff_t>(plain.width));
  }
  std::size_t begin = 0;
  for (const std::size_t size : sizes) {
    if (!same_rows(std::span(plain.rows).subspan(begin, size), std::span(shown).subspan(begin, size))) return std::nullopt;
    begin += size;
  }
  return sizes;
}

}  // namespace sluice::eval
