#include <map>

#include "app/documents.h"
#include "base/text.h"
#include "base/whole.h"
#include "server/api.h"
#include "server/json_rows.h"

namespace sluice {
namespace {

constexpr std::int64_t kPreviewMax = 1'000;

Json table_json(const Catalog& catalog, const Table& table) { return encode_whole(table).set("display", catalog.display(table.name)); }

Result<std::shared_ptr<const KnownCatalog>> permitted_catalog(const Api& api, const ApiCall& call, const std::string& name, Deed deed) {
  TRY(const ConnectionConfig* connection, api.app.permit_connection(call.who, deed, name));
  auto known = api.app.catalog(connection->name, api.stop);
  if (!known) return told(std::move(known).error(), words_for(call.who, connection->name, kAskWorkflow));
  return known;
}

ApiAnswer show_catalog(const Api& api, const ApiCall& call) {
  TRY(const auto known, permitted_catalog(api, call, call.text("connection"), Deed::look));
  const Catalog& catalog = known->catalog;
  Json tables = Json::array();
  for (const Table& table : catalog.tables) tables.push(table_json(catalog, table));
  return json_response(Json::object()
                           .set("connection", catalog.connection)
                           .set("source", catalog.source)
                           .set("dialect", std::string(enum_name(catalog.dialect)))
                           .set("tables", std::move(tables)));
}

Result<Json> schemas_document(const Api& api, const ApiCall& call, const std::string& connection) {
  TRY(const auto known, permitted_catalog(api, call, connection, Deed::look));
  std::map<std::string, Json> by_schema;
  for (const Table& table : known->catalog.tables) {
    Json columns = Json::array();
    for (const Column& column : table.columns) columns.push(Json::object().set("name", column.name).set("type", column.type.native));
    Json item = Json::object().set("table", table.name.name).set("kind", std::string(enum_name(table.kind))).set("columns", std::move(columns));
    by_schema[table.name.schema].push(std::move(item));
  }
  Json schemas = Json::array();
  for (auto& [schema, tables] : by_schema) schemas.push(Json::object().set("schema", schema).set("tables", std::move(tables)));
  return Json::object().set("connection", known->catalog.connection).set("schemas", std::move(schemas));
}

ApiAnswer show_schemas(const Api& api, const ApiCall& call) {
  TRY(const Json document, schemas_document(api, call, call.text("connection")));
  return json_response(document);
}

ApiAnswer get_schemas(const Api& api, const ApiCall& call) {
  TRY(const Json document, schemas_document(api, call, std::string(call.body.text("connection"))));
  return json_response(document);
}

/// The table that the body names. E1213.
Result<const Table*> table_of(const Catalog& catalog, const Json& body) {
  const std::string schema(body.text("schema")), name(body.text("table"));
  if (const Table* table = catalog.find(schema, name)) return table;
  std::vector<std::string> names;
  for (const Table& other : catalog.tables) names.push_back(other.name.name);
  const std::string meant = nearest(name, names);
  return Error{ErrorKind::not_found, "E1213",
               "table \"" + show_hidden(name, false) + "\" is not in connection \"" + catalog.connection + "\"" +
                   (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               "GET /api/v1/catalog shows what there is", 0};
}

ApiAnswer profile(const Api& api, const ApiCall& call) {
  TRY(const auto known, permitted_catalog(api, call, std::string(call.body.text("connection")), Deed::see_rows));
  TRY(const Table* table, table_of(known->catalog, call.body));
  TRY(const TableProfile found, api.app.profile(known->catalog.connection, *table, api.stop));
  return json_response(encode_whole(found));
}

ApiAnswer preview(const Api& api, const ApiCall& call) {
  TRY(const auto known, permitted_catalog(api, call, std::string(call.body.text("connection")), Deed::see_rows));
  const Catalog& catalog = known->catalog;
  TRY(const Table* table, table_of(catalog, call.body));
  const std::int64_t limit = call.body.integer("limit");
  TRY(Json document, JsonRows::of([&](RowSink& sink) { return api.app.preview(catalog.connection, table->name, limit, sink, api.stop); }));
  const auto count = static_cast<std::int64_t>(document["rows"].size());
  return json_response(document.set("row_count", count));
}

ApiAnswer list_connections(const Api& api, const ApiCall& call) {
  const Config& config = api.app.config();
  Json out = Json::array();
  for (const ConnectionConfig& connection : config.connections)
    if (may(call.who, Deed::look, connection.name, kAskWorkflow))
      out.push(Json::object()
                   .set("name", connection.name)
                   .set("kind", std::string(enum_name(connection.kind)))
                   .set("is_default", connection.name == config.default_connection));
  return json_response(Json::object().set("connections", std::move(out)));
}

ApiAnswer show_connection(const Api& api, const ApiCall& call) {
  TRY(const ConnectionConfig* connection, api.app.permit_connection(call.who, Deed::look, call.at("connection")));
  const Words words = words_for(call.who, connection->name, kAskWorkflow);
  const auto source = api.app.test(connection->name, api.stop);
  Json warnings = Json::array();
  if (source) {
    const auto found = api.app.warnings(connection->name, api.stop);
    if (!found) return told(found.error(), words);
    for (const std::string& warning : *found) warnings.push(warning);
  }
  return json_response(Json::object()
                           .set("name", connection->name)
                           .set("kind", std::string(enum_name(connection->kind)))
                           .set("ok", bool(source))
                           .set("source", source ? *source : "")
                           .set("warnings", std::move(warnings))
                           .set("error", source ? Json() : encode(told(source.error(), words))));
}

/// SQL of one's own, through guard, proof and approval as every question; waited for a while.
ApiAnswer execute_query(const Api& api, const ApiCall& call) {
  TRY(const Enqueued started, start_ask(api, call, call.body));
  TRY(const Json document, settled(api, started.run, std::chrono::seconds(call.body.integer("wait_seconds"))));
  return json_response(document);
}

const ApiField kConnection{.name = "connection", .about = "a connection of sluice.yaml; the default one where it is left out"};
const std::vector<ApiField> kTableBody{{.name = "table", .about = "a table's name", .required = true, .least = 1, .most = 1'000},
                                       {.name = "schema", .about = "its schema, where more than one has such a table", .most = 1'000},
                                       kConnection};
const std::vector<ApiField> kPreviewBody{
    kTableBody[0],
    kTableBody[1],
    kConnection,
    {.name = "limit", .about = "how many rows at most", .type = ApiField::Type::integer, .least = 1, .most = kPreviewMax, .otherwise = 100}};
const std::vector<ApiField> kQueryBody{
    {.name = "sql", .about = "one statement that only reads", .required = true, .least = 1, .most = 100'000},
    kConnection,
    {.name = "approve", .about = "policy: where `approvals.auto` allows it, nobody is asked", .one_of = {"ask", "policy"}, .otherwise = "policy"},
    {.name = "wait_seconds",
     .about = "how long to wait for its end, or for a person's turn",
     .type = ApiField::Type::integer,
     .least = 0,
     .most = 30,
     .otherwise = 10}};

}  // namespace

std::vector<ApiRoute> catalog_routes(const Api& api) {
  return {
      {.method = "GET",
       .path = "/api/v1/connections",
       .id = "listConnections",
       .tag = "catalog",
       .about = "The connections of sluice.yaml",
       .answers = "Connections",
       .handle = bound(api, list_connections)},
      {.method = "GET",
       .path = "/api/v1/connections/{connection}",
       .id = "testConnection",
       .tag = "catalog",
       .about = "Reaches a connection, and says what answers",
       .answers = "ConnectionState",
       .lane = Lane::databases,
       .handle = bound(api, show_connection)},
      {.method = "GET",
       .path = "/api/v1/catalog",
       .id = "showCatalog",
       .tag = "catalog",
       .about = "Tables with columns and keys",
       .query = {kConnection},
       .answers = "Catalog",
       .lane = Lane::databases,
       .handle = bound(api, show_catalog)},
      {.method = "GET",
       .path = "/api/v1/schemas",
       .id = "listSchemas",
       .tag = "catalog",
       .about = "Schemas with their tables",
       .query = {kConnection},
       .answers = "Schemas",
       .lane = Lane::databases,
       .handle = bound(api, show_schemas)},
      {.method = "POST",
       .path = "/api/v1/preview",
       .id = "preview",
       .tag = "catalog",
       .about = "A table's first rows",
       .body = kPreviewBody,
       .answers = "Rows",
       .lane = Lane::databases,
       .handle = bound(api, preview)},
      {.method = "POST",
       .path = "/api/v1/profile",
       .id = "profile",
       .tag = "catalog",
       .about = "What a table's columns hold, by its first rows",
       .body = kTableBody,
       .answers = "Profile",
       .lane = Lane::databases,
       .handle = bound(api, profile)},
      {.method = "POST",
       .path = "/api/v1/query",
       .id = "query",
       .tag = "catalog",
       .about = "Runs SQL through guard, proof and approval, and waits for what becomes of it",
       .body = kQueryBody,
       .answers = "QueryAnswer",
       .starts = true,
       .lane = Lane::databases,
       .handle = bound(api, execute_query)},
  };
}

std::vector<ApiRoute> older_routes(const Api& api) {
  const auto start = [](const ApiCall&) -> ApiAnswer {
    return Error{ErrorKind::refused, "E1214", "the workflow etl is not there yet", "ask questions with POST /api/v1/ask", 0};
  };
  return {
      {.method = "POST",
       .path = "/start",
       .id = "start",
       .tag = "older interface",
       .about = "Begins a run of the workflow etl",
       .body = {{.name = "request", .about = "in plain language"}, kConnection},
       .answers = "Started",
       .status = 202,
       .starts = true,
       .handle = start},
      {.method = "POST",
       .path = "/get/schemas",
       .id = "getSchemas",
       .tag = "older interface",
       .about = "As GET /api/v1/schemas",
       .body = {kConnection},
       .answers = "Schemas",
       .lane = Lane::databases,
       .handle = bound(api, get_schemas)},
      {.method = "POST",
       .path = "/get/data",
       .id = "getData",
       .tag = "older interface",
       .about = "As POST /api/v1/preview",
       .body = kPreviewBody,
       .answers = "Rows",
       .lane = Lane::databases,
       .handle = bound(api, preview)},
      {.method = "POST",
       .path = "/execute/query",
       .id = "executeQuery",
       .tag = "older interface",
       .about = "As POST /api/v1/query",
       .body = kQueryBody,
       .answers = "QueryAnswer",
       .starts = true,
       .lane = Lane::databases,
       .handle = bound(api, execute_query)},
  };
}

}  // namespace sluice
