#include "sql/postgres_statement.h"

#include <array>
#include <string>

namespace sluice {
namespace {

struct Known {
  std::string_view kind;
  StatementClass statement;
  std::string_view reason;
};

using enum StatementClass;

constexpr std::array<Known, 41> kKnown{{{"InsertStmt", write, "INSERT writes rows"},
                                        {"UpdateStmt", write, "UPDATE writes rows"},
                                        {"DeleteStmt", write, "DELETE removes rows"},
                                        {"MergeStmt", write, "MERGE writes rows"},
                                        {"TruncateStmt", write, "TRUNCATE removes all rows"},
                                        {"CopyStmt", write, "COPY moves rows from or to files and programs"},
                                        {"CreateTableAsStmt", ddl, "CREATE TABLE AS creates a table"},
                                        {"RefreshMatViewStmt", write, "REFRESH MATERIALIZED VIEW writes rows"},
                                        {"ExplainStmt", other, "EXPLAIN runs only through the proof itself; give the SELECT alone"},
                                        {"PrepareStmt", other, "PREPARE keeps a statement in the session"},
                                        {"ExecuteStmt", other, "EXECUTE runs a statement that isn't in the text"},
                                        {"DeallocateStmt", other, "DEALLOCATE changes the session"},
                                        {"DoStmt", other, "DO runs a block of code"},
                                        {"CallStmt", other, "CALL runs a procedure"},
                                        {"VariableSetStmt", other, "SET and RESET change the session"},
                                        {"VariableShowStmt", other, "SHOW reads settings, not data"},
                                        {"DiscardStmt", other, "DISCARD changes the session"},
                                        {"TransactionStmt", other, "a transaction statement; Sluice opens and ends transactions itself"},
                                        {"ConstraintsSetStmt", other, "SET CONSTRAINTS changes the transaction"},
                                        {"DeclareCursorStmt", other, "DECLARE opens a cursor"},
                                        {"FetchStmt", other, "FETCH and MOVE use a cursor"},
                                        {"ClosePortalStmt", other, "CLOSE changes the session"},
                                        {"ListenStmt", other, "LISTEN changes the session"},
                                        {"UnlistenStmt", other, "UNLISTEN changes the session"},
                                        {"NotifyStmt", other, "NOTIFY sends a message to other sessions"},
                                        {"LoadStmt", other, "LOAD loads a library into the server"},
                                        {"LockStmt", other, "LOCK locks tables"},
                                        {"VacuumStmt", other, "VACUUM and ANALYZE maintain tables"},
                                        {"CheckPointStmt", other, "CHECKPOINT is a command for the server"},
                                        {"ClusterStmt", other, "CLUSTER rewrites tables"},
                                        {"ReindexStmt", other, "REINDEX rebuilds indexes"},
                                        {"GrantStmt", ddl, "GRANT and REVOKE change privileges"},
                                        {"GrantRoleStmt", ddl, "GRANT and REVOKE change privileges"},
                                        {"CommentStmt", ddl, "COMMENT changes the catalog"},
                                        {"SecLabelStmt", ddl, "SECURITY LABEL changes the catalog"},
                                        {"ReassignOwnedStmt", ddl, "REASSIGN OWNED changes owners"},
                                        {"ImportForeignSchemaStmt", ddl, "IMPORT FOREIGN SCHEMA creates tables"},
                                        {"IndexStmt", ddl, "CREATE INDEX creates an index"},
                                        {"ViewStmt", ddl, "CREATE VIEW creates a view"},
                                        {"RuleStmt", ddl, "CREATE RULE creates a rule"},
                                        {"RenameStmt", ddl, "ALTER … RENAME changes the catalog"}}};

}  // namespace

Parsed classify_postgres(std::string_view kind, const Json& body) {
  // CREATE MATERIALIZED VIEW and SELECT INTO's sibling share a node with CREATE TABLE AS.
  if (kind == "CreateTableAsStmt" && body.text("objtype") == "OBJECT_MATVIEW") return {ddl, "CREATE MATERIALIZED VIEW creates a table", {}};
  for (const Known& entry : kKnown)
    if (entry.kind == kind) return {entry.statement, std::string(entry.reason), {}};
  struct Verb {
    std::string_view prefix, words;
  };
  static constexpr std::array<Verb, 5> kVerbs{{{"Create", "CREATE changes the catalog"},
                                               {"Alter", "ALTER changes the catalog"},
                                               {"Drop", "DROP removes objects"},
                                               {"Define", "CREATE changes the catalog"},
                                               {"Composite", "CREATE changes the catalog"}}};
  for (const Verb& verb : kVerbs)
    if (kind.starts_with(verb.prefix)) return {ddl, std::string(verb.words), {}};
  return {other, "a statement that is not a SELECT (" + std::string(kind) + ")", {}};
}

}  // namespace sluice
