#include "connectors/duckdb/ast_source.h"

#include <array>
#include <mutex>

#include "base/text.h"
#include "connectors/duckdb/connection.h"

namespace sluice {
namespace {

using duckdb_detail::Api;
using duckdb_detail::Connection;
using duckdb_detail::Database;

constexpr std::chrono::seconds kParseTimeout{10};
constexpr std::int64_t kParserMemoryBytes = 1'000'000'000;

struct StatementName {
  duckdb_statement_type type;
  const char* name;
};
constexpr std::array<StatementName, 26> kNames{{{DUCKDB_STATEMENT_TYPE_SELECT, "SELECT"},       {DUCKDB_STATEMENT_TYPE_INSERT, "INSERT"},
                                                {DUCKDB_STATEMENT_TYPE_UPDATE, "UPDATE"},       {DUCKDB_STATEMENT_TYPE_EXPLAIN, "EXPLAIN"},
                                                {DUCKDB_STATEMENT_TYPE_DELETE, "DELETE"},       {DUCKDB_STATEMENT_TYPE_PREPARE, "PREPARE"},
                                                {DUCKDB_STATEMENT_TYPE_CREATE, "CREATE"},       {DUCKDB_STATEMENT_TYPE_EXECUTE, "EXECUTE"},
                                                {DUCKDB_STATEMENT_TYPE_ALTER, "ALTER"},         {DUCKDB_STATEMENT_TYPE_TRANSACTION, "TRANSACTION"},
                                                {DUCKDB_STATEMENT_TYPE_COPY, "COPY"},           {DUCKDB_STATEMENT_TYPE_ANALYZE, "ANALYZE"},
                                                {DUCKDB_STATEMENT_TYPE_VARIABLE_SET, "SET"},    {DUCKDB_STATEMENT_TYPE_CREATE_FUNC, "CREATE"},
                                                {DUCKDB_STATEMENT_TYPE_DROP, "DROP"},           {DUCKDB_STATEMENT_TYPE_EXPORT, "EXPORT"},
                                                {DUCKDB_STATEMENT_TYPE_PRAGMA, "PRAGMA"},       {DUCKDB_STATEMENT_TYPE_VACUUM, "VACUUM"},
                                                {DUCKDB_STATEMENT_TYPE_CALL, "CALL"},           {DUCKDB_STATEMENT_TYPE_SET, "SET"},
                                                {DUCKDB_STATEMENT_TYPE_LOAD, "LOAD"},           {DUCKDB_STATEMENT_TYPE_RELATION, "RELATION"},
                                                {DUCKDB_STATEMENT_TYPE_EXTENSION, "EXTENSION"}, {DUCKDB_STATEMENT_TYPE_LOGICAL_PLAN, "LOGICAL PLAN"},
                                                {DUCKDB_STATEMENT_TYPE_ATTACH, "ATTACH"},       {DUCKDB_STATEMENT_TYPE_DETACH, "DETACH"}}};

/// The word that begins the text, comments left out: of a statement that names what the empty database lacks DuckDB tells no kind.
std::string first_word(std::string_view sql) {
  for (sql = trim(sql); sql.starts_with("--") || sql.starts_with("/*"); sql = trim(sql)) {
    const bool line = sql.starts_with("--");
    const auto end = sql.find(line ? "\n" : "*/");
    sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + (line ? 1 : 2));
  }
  std::string word(sql.substr(0, sql.find_first_of(" \t\r\n;(/-")));
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return word.empty() ? "OTHER" : word;
}

class DuckDbAst : public AstSource {
 public:
  explicit DuckDbAst(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<std::string> serialize(std::string_view sql) override {
    TRY_VOID(check_whole(sql));
    return scalar("SELECT json_serialize_sql(CAST(? AS VARCHAR))", sql);
  }
  Result<std::string> deserialize(std::string_view ast) override { return scalar("SELECT json_deserialize_sql(CAST(? AS JSON))", ast); }

  Result<std::vector<std::string>> statement_kinds(std::string_view sql) override {
    TRY_VOID(check_whole(sql));
    const std::lock_guard lock(mutex_);
    const Api& api = connection_->api();
    duckdb_extracted_statements statements = nullptr;
    const idx_t count = api.duckdb_extract_statements(connection_->handle(), std::string(sql).c_str(), &statements);
    std::vector<std::string> kinds;
    const char* message = count == 0 ? api.duckdb_extract_statements_error(statements) : nullptr;
    if (message != nullptr && *message != '\0') {
      Error error = connection_->failed(message);
      api.duckdb_destroy_extracted(&statements);
      return error;
    }
    for (idx_t i = 0; i < count; ++i) {
      duckdb_prepared_statement prepared = nullptr;
      const bool bound = api.duckdb_prepare_extracted_statement(connection_->handle(), statements, i, &prepared) == DuckDBSuccess;
      // Binding fails for every name that the empty database lacks; then its first word has to do, where it is clear whose it is: the tree decides
      // whether it reads.
      kinds.push_back(bound ? name_of(api.duckdb_prepared_statement_type(prepared)) : count == 1 ? first_word(sql) : "OTHER");
      api.duckdb_destroy_prepare(&prepared);
    }
    api.duckdb_destroy_extracted(&statements);
    return kinds;
  }

 private:
  static std::string name_of(duckdb_statement_type type) {
    for (const auto& [known, name] : kNames)
      if (known == type) return name;
    return "OTHER";
  }
  /// DuckDB's parser reads up to the first NUL: what is proven has to be all of it.
  static Result<> check_whole(std::string_view sql) {
    if (sql.find('\0') == std::string_view::npos) return {};
    return Error{ErrorKind::input, "E0406", "the statement holds a NUL character", "take it out; chr(0) gives one", 0};
  }
  Result<std::string> scalar(std::string_view query, std::string_view argument) {
    const std::lock_guard lock(mutex_);
    connection_->set_call({std::chrono::steady_clock::now() + kParseTimeout, {}});
    TRY(const std::vector<Row> rows, connection_->rows(query, {std::string(argument)}));
    return value_text(rows.at(0).at(0), {});
  }

  std::mutex mutex_{};
  std::unique_ptr<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<AstSource>> make_ast_source() {
  TRY(const auto database, Database::open("", {{"memory_limit", std::to_string(kParserMemoryBytes) + "B"},
                                               {"threads", "1"},
                                               {"autoinstall_known_extensions", "false"},
                                               {"autoload_known_extensions", "false"}}));
  TRY(auto connection, Connection::open(database, {std::chrono::steady_clock::now() + kParseTimeout, {}}));
  for (const char* statement : {"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
                                "SET enable_external_access = false", "SET lock_configuration = true"})
    TRY_VOID(connection->execute(statement));
  return std::unique_ptr<AstSource>(std::make_unique<DuckDbAst>(std::move(connection)));
}

}  // namespace sluice
