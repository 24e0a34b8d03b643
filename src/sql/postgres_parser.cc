#include <pg_query.h>

#include <memory>
#include <optional>

#include "sql/deep_stack.h"
#include "sql/normal_form.h"
#include "sql/parser.h"
#include "sql/postgres_statement.h"
#include "sql/postgres_tree.h"

namespace sluice {
namespace {

constexpr std::string_view kEngine = "PostgreSQL";
/// For the lexer, the grammar and our own conversion, which is bounded by kTreeDepthMax.
constexpr std::size_t kStackBase = std::size_t{4} << 20U;
/// libpg_query writes its tree recursively and unguarded. The text that nests most for its length is 1+1+1+…: a level for two bytes.
constexpr std::size_t kStackPerByte = 512;

/// The byte offset of the parser's position, which counts characters from 1; npos for none.
std::size_t byte_offset(std::string_view sql, int cursor) {
  if (cursor < 1) return std::string_view::npos;
  std::size_t at = 0;
  for (int left = cursor - 1; at < sql.size() && left > 0; --left) {
    ++at;
    while (at < sql.size() && (static_cast<unsigned char>(sql[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

Error parse_error(std::string_view sql, const PgQueryError& error) {
  const std::string_view words = error.message != nullptr ? error.message : "";
  // Bison's stack is bounded by YYMAXDEPTH; the server says the same of such a text.
  if (words.starts_with("memory exhausted") || words.starts_with("stack depth limit exceeded")) return too_deep();
  return syntax_error(sql, kEngine, words, byte_offset(sql, error.cursorpos));
}

Result<Json> raw_tree(const std::string& sql) {
  struct Free {
    void operator()(PgQueryParseResult* result) const { pg_query_free_parse_result(*result); }
  };
  PgQueryParseResult result = pg_query_parse(sql.c_str());
  const std::unique_ptr<PgQueryParseResult, Free> owner(&result);
  if (result.error != nullptr) return parse_error(sql, *result.error);
  if (result.parse_tree == nullptr) return no_tree(kEngine, "nothing");
  return read_tree(kEngine, result.parse_tree);
}

Result<Parsed> parse_here(const std::string& sql) {
  TRY(Json tree, raw_tree(sql));
  const auto* statements = tree["stmts"].as_array();
  if (statements == nullptr) return no_tree(kEngine, "no list of statements");
  if (statements->empty()) return nothing_there();
  if (statements->size() > 1) return several_statements(statements->size());
  const auto [kind, body] = unwrapped(statements->front()["stmt"]);
  if (kind != "SelectStmt") return classify_postgres(kind, body);
  PostgresTree conversion(sql);
  return conversion.finish(conversion.query(body));
}

class PostgresParser final : public Parser {
 public:
  Result<Parsed> parse(std::string_view sql) const override {
    TRY_VOID(check_sql_text(sql, kSqlBytesMax));
    const std::string text(sql);
    std::optional<Result<Parsed>> parsed;
    TRY_VOID(run_with_stack(kStackBase + kStackPerByte * text.size(), [&] { parsed.emplace(parse_here(text)); }));
    return *std::move(parsed);
  }
};

}  // namespace

Result<std::string> Parser::normal_form(std::string_view sql) const {
  TRY(Parsed parsed, parse(sql));
  if (parsed.statement != StatementClass::read)
    return Error{ErrorKind::refused, "E0306", "only a statement that reads has a normal form: " + parsed.reason, "write one SELECT statement", 0};
  return canonical(parsed.query, name_case());
}

std::unique_ptr<Parser> make_postgres_parser() { return std::make_unique<PostgresParser>(); }

}  // namespace sluice
