#include "server/openapi.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

Json schema_of(const ApiField& field) {
  Json schema = Json::object();
  switch (field.type) {
    case ApiField::Type::text: {
      schema.set("type", "string");
      Json names = Json::array();
      for (const std::string& name : field.one_of) names.push(name);
      if (names.size() > 0)
        schema.set("enum", std::move(names));
      else
        schema.set("minLength", field.least).set("maxLength", field.most);
      break;
    }
    case ApiField::Type::integer: schema.set("type", "integer").set("minimum", field.least).set("maximum", field.most); break;
    case ApiField::Type::boolean: schema.set("type", "boolean"); break;
    case ApiField::Type::any: break;
  }
  if (!field.otherwise.is_null()) schema.set("default", field.otherwise);
  return schema;
}

Json parameter(const ApiField& field, const char* in) {
  return Json::object()
      .set("name", field.name)
      .set("in", in)
      .set("required", field.required)
      .set("description", field.about)
      .set("schema", schema_of(field));
}

/// "{run_id}" and the like in a path.
std::vector<std::string> path_parameters(const std::string& path) {
  std::vector<std::string> names;
  for (const std::string_view segment : split(path, '/'))
    if (segment.starts_with("{") && segment.ends_with("}")) names.emplace_back(segment.substr(1, segment.size() - 2));
  return names;
}

Json parameters_of(const ApiRoute& route) {
  constexpr std::int64_t kIdMax = 200;
  Json out = Json::array();
  for (const std::string& name : path_parameters(route.path))
    out.push(parameter({.name = name, .about = "as lists give it", .required = true, .least = 1, .most = kIdMax}, "path"));
  for (const ApiField& field : route.query) out.push(parameter(field, "query"));
  if (route.starts)
    out.push(parameter(
        {.name = "Idempotency-Key",
         .about = "a name for this request, of the client's choice: the same one again gives what the first one started, and starts nothing",
         .least = 1,
         .most = kIdMax},
        "header"));
  return out;
}

Json body_of(const ApiRoute& route) {
  Json properties = Json::object(), required = Json::array();
  for (const ApiField& field : route.body) {
    properties.set(field.name, schema_of(field).set("description", field.about));
    if (field.required) required.push(field.name);
  }
  const bool is_required = required.size() > 0;
  Json schema = Json::object().set("type", "object").set("properties", std::move(properties)).set("additionalProperties", false);
  if (is_required) schema.set("required", std::move(required));
  return Json::object()
      .set("required", is_required)
      .set("content", Json::object().set("application/json", Json::object().set("schema", std::move(schema))));
}

Json reference(const std::string& schema) { return Json::object().set("$ref", "#/components/schemas/" + schema); }

Json content(const std::string& type, Json schema) {
  return Json::object().set("content", Json::object().set(type, Json::object().set("schema", std::move(schema))));
}

Json responses_of(const ApiRoute& route) {
  Json success = Json::object().set("description", route.about), contents = Json::object();
  if (!route.answers.empty()) contents.set("application/json", Json::object().set("schema", reference(route.answers)));
  for (const std::string& type : route.types) contents.set(type, Json::object());
  if (contents.size() > 0) success.set("content", std::move(contents));
  Json out = Json::object().set(std::to_string(route.status), std::move(success));
  Json failure = content("application/problem+json", reference("Problem"));
  failure.set("description", "a problem: its `code` has a page, its `hint` says what to do next");
  return out.set("default", std::move(failure));
}

Json operation_of(const ApiRoute& route) {
  Json operation = Json::object().set("operationId", route.id).set("tags", Json::array().push(route.tag)).set("summary", route.about);
  if (Json parameters = parameters_of(route); parameters.size() > 0) operation.set("parameters", std::move(parameters));
  if (route.method == "POST") operation.set("requestBody", body_of(route));
  if (route.open_to_all) operation.set("security", Json::array());
  return operation.set("responses", responses_of(route));
}

}  // namespace

Json openapi(const std::vector<ApiRoute>& routes, const std::string& version) {
  Json paths = Json::object();
  for (const ApiRoute& route : routes) {
    Json of_path = paths[route.path];
    std::string method = to_lower(route.method);
    paths.set(route.path, of_path.set(method, operation_of(route)));
  }
  Json security = Json::array();
  security.push(Json::object().set("token", Json::array())).push(Json::object().set("session", Json::array()));
  const Json schemes = Json::object()
                           .set("token", Json::object().set("type", "http").set("scheme", "bearer"))
                           .set("session", Json::object().set("type", "apiKey").set("in", "cookie").set("name", "sluice_session"));
  return Json::object()
      .set("openapi", "3.1.0")
      .set("info", Json::object().set("title", "Sluice").set("version", version).set("summary", "Models propose. Engines prove. People approve."))
      .set("security", std::move(security))
      .set("paths", std::move(paths))
      .set("components", Json::object().set("schemas", openapi_schemas()).set("securitySchemes", schemes));
}

}  // namespace sluice
