#include "proof/recheck.h"

#include "base/text.h"
#include "proof/schema_state.h"

namespace sluice {
namespace {

Error stale(const char* code, std::string message) {
  return {ErrorKind::stale, code, std::move(message), "look at the new proof and decide again", 0};
}

}  // namespace

Result<> same_schema(ReadSession& session, const Proof& proof, const Catalog& catalog) {
  // Also what could stand in the way on the search path. An empty list would mean all tables.
  static const std::vector<TableName> kNothing{{"", ""}};
  const std::vector<TableName>& tables = proof.base_tables;
  const std::vector<TableName> looked_at = with_shadows(tables, catalog);
  TRY(const Catalog now, session.catalog(looked_at.empty() ? kNothing : looked_at));
  if (now.source != proof.source)
    return stale("E0353", "connection \"" + catalog.connection + "\" leads to " + now.source + " now; what was proven is about " + proof.source);
  if (now.search_path != catalog.search_path)
    return stale("E0350",
                 "names without a schema are now looked up in " + join(now.search_path, ", ") + "; it was " + join(catalog.search_path, ", "));
  if (schema_fingerprint(now, tables) == proof.schema_fingerprint) return {};
  const std::vector<std::string> changes = schema_changes(catalog, now, tables);
  return stale("E0350", "the schema is no longer what was proven" + (changes.empty() ? "" : ": " + join(changes, "; ")));
}

Result<std::optional<Error>> prepare_as_proven(ReadSession& session, std::string_view sql, const Proof& proof, const Catalog& catalog) {
  // PostgreSQL runs the input functions of types while it parses, and with them the CHECKs of domains: those have to be the proven ones already.
  if (catalog.dialect == Dialect::postgres) TRY_VOID(same_schema(session, proof, catalog));
  const auto prepared = session.prepare(sql);
  if (!prepared && prepared.error().kind != ErrorKind::input && prepared.error().kind != ErrorKind::refused) return prepared.error();
  TRY_VOID(same_schema(session, proof, catalog));
  return prepared ? std::optional<Error>() : std::optional(prepared.error());
}

Result<> recheck(ReadSession& session, std::string_view sql, const Proof& proof, const Catalog& catalog, const Ceiling& ceiling) {
  TRY(const std::optional<Error> refusal, prepare_as_proven(session, sql, proof, catalog));
  if (refusal && refusal->kind == ErrorKind::refused) return *refusal;
  if (refusal) return stale("E0352", "the engine no longer takes what was approved: " + refusal->message);
  auto estimate = session.estimate(sql);
  if (!estimate && estimate.error().kind != ErrorKind::input) return std::move(estimate).error();
  if (!estimate) return stale("E0352", "the engine no longer plans what was approved: " + estimate.error().message);
  if (estimate->rows && *estimate->rows > ceiling.rows)
    return stale("E0351", "the query is now expected to give " + with_thousands(*estimate->rows) + " rows; " + with_thousands(ceiling.rows) +
                              " were approved");
  if (estimate->bytes && *estimate->bytes > ceiling.bytes)
    return stale("E0351",
                 "the query is now expected to read " + human_bytes(*estimate->bytes) + "; " + human_bytes(ceiling.bytes) + " were approved");
  if (estimate->cost_usd > ceiling.cost_usd) return stale("E0351", "the query is now expected to cost more than was approved");
  return {};
}

}  // namespace sluice
