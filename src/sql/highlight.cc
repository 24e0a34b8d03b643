#include <optional>

#include "base/text.h"
#include "sql/format.h"
#include "sql/sql_words.h"

namespace sluice {
namespace {

std::optional<SpanKind> kind_of(const SqlWords& words, std::size_t token, TokenKind kind) {
  switch (kind) {
    case TokenKind::word:
    case TokenKind::quoted:
      if (words.is_write_keyword(token)) return SpanKind::write_keyword;
      if (words.is_keyword(token)) return SpanKind::keyword;
      return words.is_function(token) ? SpanKind::function : SpanKind::identifier;
    case TokenKind::string: return SpanKind::string;
    case TokenKind::number: return SpanKind::number;
    case TokenKind::parameter: return SpanKind::identifier;
    case TokenKind::op: return SpanKind::op;
    case TokenKind::comment: return SpanKind::comment;
    case TokenKind::punctuation: break;
  }
  return std::nullopt;
}

std::string_view colour_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::keyword: return "\x1b[1;34m";
    case SpanKind::string: return "\x1b[32m";
    case SpanKind::number: return "\x1b[36m";
    case SpanKind::comment: return "\x1b[90m";
    case SpanKind::function: return "\x1b[33m";
    case SpanKind::write_keyword: return "\x1b[1;31m";
    case SpanKind::identifier:
    case SpanKind::op: break;
  }
  return "";
}

}  // namespace

std::vector<Span> highlight_spans(std::string_view sql) {
  std::vector<Span> spans;
  const auto tokens = tokenize(sql);
  if (!tokens) return spans;
  const SqlWords words(sql, *tokens);
  for (std::size_t i = 0; i < tokens->size(); ++i)
    if (const auto kind = kind_of(words, i, (*tokens)[i].kind)) spans.push_back({(*tokens)[i].begin, (*tokens)[i].end, *kind});
  return spans;
}

std::string highlight_ansi(std::string_view sql) {
  std::string out;
  std::size_t at = 0;
  for (const Span& span : highlight_spans(sql)) {
    out += show_hidden(sql.substr(at, span.begin - at), true);
    const std::string_view colour = colour_of(span.kind);
    const std::string text = show_hidden(sql.substr(span.begin, span.end - span.begin), true);
    out += colour.empty() ? text : std::string(colour) + text + "\x1b[0m";
    at = span.end;
  }
  return out + show_hidden(sql.substr(at), true);
}

}  // namespace sluice
