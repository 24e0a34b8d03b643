#include "sql/sql_words.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace sluice {
namespace {

/// Reserved in both dialects (or in one and never a bare column name in the other).
constexpr std::array<std::string_view, 58> kReserved{
    "ALL",      "AND",     "ANY",   "AS",        "ASC",      "BETWEEN", "BOTH",  "CASE",  "CAST",    "COLLATE", "CROSS", "DESC",
    "DISTINCT", "ELSE",    "END",   "EXCEPT",    "EXISTS",   "FALSE",   "FETCH", "FOR",   "FROM",    "FULL",    "GROUP", "HAVING",
    "ILIKE",    "IN",      "INNER", "INTERSECT", "INTERVAL", "INTO",    "IS",    "JOIN",  "LATERAL", "LEADING", "LEFT",  "LIKE",
    "LIMIT",    "NATURAL", "NOT",   "NULL",      "OFFSET",   "ON",      "OR",    "ORDER", "OUTER",   "QUALIFY", "RIGHT", "SELECT",
    "SIMILAR",  "SOME",    "THEN",  "TRAILING",  "TRUE",     "UNION",   "USING", "WHEN",  "WHERE",   "WITH"};
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()), "looked up by binary search");

constexpr std::array<std::string_view, 31> kWrites{"ALTER",  "ATTACH",  "CALL",    "CHECKPOINT", "CLUSTER",  "COPY",   "CREATE", "DELETE",
                                                   "DETACH", "DISCARD", "DO",      "DROP",       "EXECUTE",  "EXPORT", "GRANT",  "IMPORT",
                                                   "INSERT", "INSTALL", "INTO",    "LISTEN",     "LOAD",     "LOCK",   "MERGE",  "NOTIFY",
                                                   "PRAGMA", "PREPARE", "REINDEX", "REVOKE",     "TRUNCATE", "UPDATE", "VACUUM"};
static_assert(std::is_sorted(kWrites.begin(), kWrites.end()), "looked up by binary search");

/// Words that are keywords only beside another: before (first) or after (second) it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 33> kPairs{
    {{"PARTITION", "BY"},        {"GROUP", "BY"},         {"ORDER", "BY"},        {"NULLS", "FIRST"},
     {"NULLS", "LAST"},          {"WITH", "RECURSIVE"},   {"WITHIN", "GROUP"},    {"GROUPING", "SETS"},
     {"ROWS", "BETWEEN"},        {"RANGE", "BETWEEN"},    {"GROUPS", "BETWEEN"},  {"UNBOUNDED", "PRECEDING"},
     {"UNBOUNDED", "FOLLOWING"}, {"CURRENT", "ROW"},      {"ROWS", "UNBOUNDED"},  {"RANGE", "UNBOUNDED"},
     {"ROWS", "CURRENT"},        {"ASOF", "JOIN"},        {"SEMI", "JOIN"},       {"ANTI", "JOIN"},
     {"POSITIONAL", "JOIN"},     {"UNION", "BY"},         {"BY", "NAME"},         {"WITH", "TIES"},
     {"ROWS", "ONLY"},           {"FETCH", "FIRST"},      {"FETCH", "NEXT"},      {"ROW", "ONLY"},
     {"AS", "MATERIALIZED"},     {"NOT", "MATERIALIZED"}, {"WITH", "ORDINALITY"}, {"SIMILAR", "TO"},
     {"FOR", "UPDATE"}}};

bool contains(std::span<const std::string_view> sorted, std::string_view word) { return std::binary_search(sorted.begin(), sorted.end(), word); }

}  // namespace

SqlWords::SqlWords(std::string_view sql, const std::vector<Token>& tokens) : sql_(sql), tokens_(tokens) {
  upper_.reserve(tokens.size());
  for (const Token& token : tokens) {
    std::string text = token.kind == TokenKind::word ? std::string(token.in(sql)) : "";
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    upper_.push_back(std::move(text));
  }
}

std::size_t SqlWords::before(std::size_t token) const {
  while (token-- > 0)
    if (tokens_[token].kind != TokenKind::comment) return token;
  return none;
}

std::size_t SqlWords::after(std::size_t token) const {
  while (++token < tokens_.size())
    if (tokens_[token].kind != TokenKind::comment) return token;
  return none;
}

bool SqlWords::is_keyword(std::size_t token) const {
  const std::string& word = upper_[token];
  if (word.empty()) return false;
  const std::size_t previous = before(token);
  const std::size_t next = after(token);
  if (is(previous, ".") || is(next, ".")) return false;
  if ((word == "LEFT" || word == "RIGHT") && is(next, "(")) return false;  // left('abc', 2)
  if (word == "EXCLUDE" || word == "REPLACE") return is(next, "(") && (is(previous, "*") || is(previous, ")"));
  if (contains(kReserved, word)) return !is_word(previous, "AS") || word == "NOT";
  for (const auto& [first, second] : kPairs)
    if ((word == first && is_word(next, second)) || (word == second && is_word(previous, first))) return true;
  if (word == "OVER" || word == "FILTER") return is(previous, ")");
  // A statement or a subquery begins with it, or a FROM item does.
  if (word == "VALUES") return previous == none || is(previous, "(") || is(previous, ")");
  return word == "WINDOW" && next != none && is_word(after(next), "AS");
}

bool SqlWords::is_write_keyword(std::size_t token) const {
  const std::size_t previous = before(token);
  if (upper_[token].empty() || is(previous, ".") || is(after(token), ".") || is_word(previous, "AS")) return false;
  if (upper_[token] == "SET" || upper_[token] == "RESET") return previous == none || is(previous, ";");
  return contains(kWrites, upper_[token]);
}

bool SqlWords::is_function(std::size_t token) const {
  const TokenKind kind = tokens_[token].kind;
  return (kind == TokenKind::word || kind == TokenKind::quoted) && is(after(token), "(") && !is_keyword(token);
}

}  // namespace sluice
