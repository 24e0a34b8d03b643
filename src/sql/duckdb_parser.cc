#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "base/text.h"
#include "sql/deep_stack.h"
#include "sql/duckdb_tree.h"
#include "sql/parser.h"

namespace sluice {
namespace {

constexpr std::string_view kEngine = "DuckDB";
/// For the lexer and our own conversion, which is bounded by kTreeDepthMax.
constexpr std::size_t kStackBase = std::size_t{4} << 20U;
/// DuckDB bounds its own depth (max_expression_depth, 1,000 levels, each some kilobytes); a short text can't nest as deep as that.
constexpr std::size_t kStackPerByte = 8192;
constexpr std::size_t kStackMax = std::size_t{64} << 20U;

struct Known {
  std::string_view kind;
  StatementClass statement;
  std::string_view reason;
};

using enum StatementClass;

constexpr std::array<Known, 28> kKnown{{{"INSERT", write, "INSERT writes rows"},
                                        {"UPDATE", write, "UPDATE writes rows"},
                                        {"DELETE", write, "DELETE removes rows"},
                                        {"MERGE_INTO", write, "MERGE writes rows"},
                                        {"COPY", write, "COPY moves rows from or to files"},
                                        {"COPY_DATABASE", write, "COPY FROM DATABASE writes tables"},
                                        {"CREATE", ddl, "CREATE changes the catalog"},
                                        {"CREATE_FUNC", ddl, "CREATE changes the catalog"},
                                        {"ALTER", ddl, "ALTER changes the catalog"},
                                        {"DROP", ddl, "DROP removes objects"},
                                        {"EXPLAIN", other, "EXPLAIN runs only through the proof itself; give the SELECT alone"},
                                        {"PREPARE", other, "PREPARE keeps a statement in the session"},
                                        {"EXECUTE", other, "EXECUTE runs a statement that isn't in the text"},
                                        {"TRANSACTION", other, "a transaction statement; Sluice opens and ends transactions itself"},
                                        {"ANALYZE", other, "ANALYZE maintains tables"},
                                        {"VACUUM", other, "VACUUM maintains tables"},
                                        {"VARIABLE_SET", other, "SET changes the session"},
                                        {"SET", other, "SET and RESET change the session"},
                                        {"EXPORT", other, "EXPORT DATABASE writes files"},
                                        {"PRAGMA", other, "PRAGMA reads or changes settings"},
                                        {"CALL", other, "CALL runs a procedure"},
                                        {"LOAD", other, "LOAD and INSTALL load extensions"},
                                        {"EXTENSION", other, "a statement of an extension"},
                                        {"UPDATE_EXTENSIONS", other, "UPDATE EXTENSIONS fetches extensions"},
                                        {"ATTACH", other, "ATTACH opens another database"},
                                        {"DETACH", other, "DETACH closes a database"},
                                        {"MULTI", other, "a statement that stands for several (PIVOT without IN, for one)"},
                                        {"LOGICAL_PLAN", other, "a plan instead of a statement"}}};

Parsed classify(std::string_view kind) {
  if (kind.ends_with("_STATEMENT")) kind.remove_suffix(std::string_view("_STATEMENT").size());
  for (const Known& entry : kKnown)
    if (entry.kind == kind) return {entry.statement, std::string(entry.reason), {}};
  return {other, "a statement that is not a SELECT (" + std::string(kind) + ")", {}};
}

Error parse_error(std::string_view sql, const Json& answer) {
  const std::string_view words = answer.text("error_message"), position = answer.text("position");
  if (words.find("expression depth") != std::string_view::npos || words.find("memory exhausted") != std::string_view::npos) return too_deep();
  std::size_t at = std::string_view::npos;
  if (!position.empty()) std::from_chars(position.data(), position.data() + position.size(), at);
  return syntax_error(sql, kEngine, words, at);
}

class DuckdbParser final : public Parser {
 public:
  explicit DuckdbParser(AstSource& source) : source_(source) {}

  NameCase name_case() const override { return NameCase::ignored; }

  Result<Parsed> parse(std::string_view sql) const override {
    TRY_VOID(check_sql_text(sql, kDuckdbSqlBytesMax));
    std::optional<Result<Parsed>> parsed;
    TRY_VOID(run_with_stack(std::min(kStackBase + kStackPerByte * sql.size(), kStackMax), [&] { parsed.emplace(parse_here(sql)); }));
    return *std::move(parsed);
  }

 private:
  Result<Parsed> parse_here(std::string_view sql) const {
    TRY(std::string text, source_.serialize(sql));
    TRY(Json answer, read_tree(kEngine, text));
    if (answer.flag("error")) return not_a_select(sql, answer);
    const auto* statements = answer["statements"].as_array();
    if (statements == nullptr) return no_tree(kEngine, "no list of statements");
    if (statements->empty()) return nothing_there();
    if (statements->size() > 1) return several_statements(statements->size());
    DuckdbTree conversion(sql);
    if (auto extra = conversion.known(statements->front(), "SelectStatement", {"node", "named_param_map"}); !extra)
      return conversion.finish(std::move(extra).error());
    return conversion.finish(conversion.query(statements->front()["node"]));
  }

  /// What DuckDB does not serialise doesn't parse, is several statements, or isn't a SELECT: its kinds tell.
  Result<Parsed> not_a_select(std::string_view sql, const Json& answer) const {
    // Its words where the statement parses but isn't a SELECT; with any other words the parser doesn't do what the text asks for.
    if (!answer.text("error_message").starts_with("Only SELECT")) return parse_error(sql, answer);
    TRY(auto kinds, source_.statement_kinds(sql));
    if (kinds.size() > 1) return several_statements(kinds.size());
    if (kinds.empty() || kinds.front() == "SELECT") return Parsed{other, "a statement that is not a SELECT", {}};
    return classify(kinds.front());
  }

  AstSource& source_;
};

}  // namespace

std::unique_ptr<Parser> make_duckdb_parser(AstSource& source) { return std::make_unique<DuckdbParser>(source); }

}  // namespace sluice
