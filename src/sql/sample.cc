#include "sql/sample.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/sql_words.h"

namespace sluice {
namespace {

struct Replacement {
  std::size_t begin = 0, end = 0;
  std::string text{};
};

bool is_name(const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::quoted; }

/// The identifier behind a token: quotes off. A U&"…" name has escapes that only the parser knows, so it gives "".
std::string identifier(std::string_view text) {
  if (text.empty() || text[0] != '"') return text.find('"') == std::string_view::npos ? std::string(text) : "";
  std::string name;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == '"') ++i;
  }
  return name;
}

/// The mention's name in the text, `schema.t`, replaced by a subquery under the same alias; none where the text isn't as expected.
std::optional<Replacement> replacement(std::string_view sql, const std::vector<Token>& tokens, const SqlWords& words, const TableMention& mention,
                                       std::int64_t rows) {
  if (mention.location < 0 || mention.sampled) return std::nullopt;
  const auto location = static_cast<std::size_t>(mention.location);
  const auto at = std::lower_bound(tokens.begin(), tokens.end(), location, [](const Token& token, std::size_t begin) { return token.begin < begin; });
  if (at == tokens.end() || at->begin != location || !is_name(*at)) return std::nullopt;
  const auto first = static_cast<std::size_t>(at - tokens.begin());
  std::size_t last = first;
  // Comments within a name are legal and never seen: not worth the trouble.
  while (last + 2 < tokens.size() && words.is(last + 1, ".") && is_name(tokens[last + 2])) last += 2;
  if (!equals_ignoring_case(identifier(tokens[last].in(sql)), mention.name.name)) return std::nullopt;
  const std::size_t before = words.before(first);
  if (before != SqlWords::none && (words.is_word(before, "ONLY") || words.is_word(before, "TABLE"))) return std::nullopt;
  if (words.is(words.after(last), "*") || words.is_word(words.after(last), "TABLESAMPLE")) return std::nullopt;
  Replacement out{tokens[first].begin, tokens[last].end, ""};
  const std::string name(sql.substr(out.begin, out.end - out.begin));
  out.text = "(SELECT * FROM " + name + " LIMIT " + std::to_string(rows) + ")";
  if (mention.alias.empty()) out.text += " AS " + std::string(tokens[last].in(sql));
  return out;
}

}  // namespace

Result<std::optional<std::string>> sampled_sql(std::string_view sql, const Bound& bound, std::int64_t rows_per_table,
                                               std::span<const TableName> large) {
  using Sampled = std::optional<std::string>;
  if (rows_per_table < 1)
    return Error{ErrorKind::input, "E0320", "a sample of " + std::to_string(rows_per_table) + " rows a table cannot be taken",
                 "set the proof's sample_rows to 1 or more"};
  if (bound.names_columns_by_schema || bound.names_system_columns) return Sampled{};
  const auto tokens = tokenize(sql);
  if (!tokens) return Sampled{};
  const SqlWords words(sql, *tokens);
  std::vector<Replacement> replacements;
  for (const TableMention& mention : bound.mentions) {
    if (std::find(large.begin(), large.end(), mention.name) == large.end()) continue;
    auto made = replacement(sql, *tokens, words, mention, rows_per_table);
    if (!made) return Sampled{};
    replacements.push_back(std::move(*made));
  }
  std::sort(replacements.begin(), replacements.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::string out;
  std::size_t at = 0;
  for (const Replacement& made : replacements) {
    if (made.begin < at) return Sampled{};  // a place bound twice
    out += std::string(sql.substr(at, made.begin - at)) + made.text;
    at = made.end;
  }
  return Sampled{out + std::string(sql.substr(at))};
}

}  // namespace sluice
