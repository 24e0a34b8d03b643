#include "connectors/model_http/json_reply.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::model_http {
namespace {

bool is_object(std::string_view text) {
  if (!text.starts_with('{')) return false;
  const auto parsed = Json::parse(text);
  return parsed && parsed->as_object() != nullptr;
}

std::string_view after_thoughts(std::string_view text) {
  constexpr std::string_view kEnd = "</think>";
  if (!text.starts_with("<think>")) return text;
  const std::size_t end = text.find(kEnd);
  return end == std::string_view::npos ? text : trim(text.substr(end + kEnd.size()));
}

std::string_view in_fence(std::string_view text) {
  const std::size_t open = text.find("```");
  if (open == std::string_view::npos) return {};
  const std::size_t line = text.find('\n', open);
  const std::size_t close = line == std::string_view::npos ? line : text.find("```", line);
  return close == std::string_view::npos ? std::string_view() : trim(text.substr(line, close - line));
}

std::string_view between_braces(std::string_view text) {
  const std::size_t first = text.find('{');
  const std::size_t last = text.rfind('}');
  return first == std::string_view::npos || last == std::string_view::npos || last < first ? std::string_view()
                                                                                           : text.substr(first, last - first + 1);
}

constexpr std::array<std::string_view, 9> kNarrowing{"$schema",   "$id",       "$comment",    "default", "examples",
                                                     "minLength", "maxLength", "uniqueItems", "title"};
constexpr std::array<std::string_view, 17> kStrict{"type",     "properties", "required", "additionalProperties", "items",   "enum",    "const",
                                                   "anyOf",    "$ref",       "$defs",    "description",          "pattern", "minimum", "maximum",
                                                   "minItems", "maxItems",   "format"};
constexpr std::array<std::string_view, 9> kFormats{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<Json> strict_members(const Json& schemas, int depth);

std::optional<Json> strict(const Json& schema, int depth) {
  const auto* members = schema.as_object();
  if (members == nullptr || depth > kSchemaDepthMax) return std::nullopt;
  Json out = Json::object();
  for (const auto& [name, value] : *members) {
    if (is_one_of(kNarrowing, name)) continue;
    if (!is_one_of(kStrict, name)) return std::nullopt;
    if (name == "format" && !is_one_of(kFormats, schema.text("format"))) continue;
    std::optional<Json> kept = value;
    if (name == "properties" || name == "$defs" || name == "anyOf") kept = strict_members(value, depth);
    if (name == "items") kept = strict(value, depth + 1);
    if (!kept) return std::nullopt;
    out.set(name, *std::move(kept));
  }
  if (const auto* properties = out["properties"].as_object()) {
    const bool* others = out["additionalProperties"].as_bool();
    const auto* required = out["required"].as_array();
    if (others == nullptr || *others || required == nullptr) return std::nullopt;
    for (const auto& property : *properties)
      if (std::ranges::find(*required, Json(property.first)) == required->end()) return std::nullopt;
  } else if (out.text("type") == "object") {
    return std::nullopt;  // a map with free keys
  }
  return out;
}

std::optional<Json> strict_members(const Json& schemas, int depth) {
  Json out = schemas;
  if (auto* named = out.as_object())
    for (auto& [name, schema] : *named) {
      auto kept = strict(schema, depth + 1);
      if (!kept) return std::nullopt;
      schema = *std::move(kept);
    }
  if (auto* listed = out.as_array())
    for (Json& schema : *listed) {
      auto kept = strict(schema, depth + 1);
      if (!kept) return std::nullopt;
      schema = *std::move(kept);
    }
  return out;
}

}  // namespace

std::string json_object_text(std::string_view text) {
  const std::string_view whole = trim(text);
  if (is_object(whole)) return std::string(whole);
  const std::string_view said = after_thoughts(whole);
  for (const std::string_view candidate : {said, in_fence(said), between_braces(said)})
    if (is_object(candidate)) return std::string(candidate);
  return std::string(whole);
}

std::string schema_instruction(const Json& schema) {
  return "Reply with one JSON object only: no text before or after it, no code fence. It must fit this JSON Schema:\n" + schema.dump_text();
}

std::string system_text(const ModelRequest& request, bool tell) {
  if (!tell) return request.system;
  return request.system + (request.system.empty() ? "" : "\n\n") + schema_instruction(request.reply_schema);
}

std::string reply_name(const ModelRequest& request) { return request.reply_name.empty() ? "reply" : request.reply_name; }

std::int64_t token_limit(const ModelRequest& request, const ModelInfo& info) { return request.max_tokens > 0 ? request.max_tokens : info.max_tokens; }

double temperature(const ModelRequest& request, const ModelInfo& info) { return request.temperature.value_or(info.temperature); }

std::optional<Json> strict_schema(const Json& schema) {
  // The root has to be an object itself, not a choice of several.
  if (schema.text("type") != "object" || !schema["anyOf"].is_null()) return std::nullopt;
  return strict(schema, 0);
}

}  // namespace sluice::model_http
