#include "connectors/gemini/schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace sluice::gemini {
namespace {

/// What is said with the same word and the same meaning on both sides.
constexpr std::array<std::string_view, 6> kSame{"title", "description", "minItems", "maxItems", "minimum", "maximum"};

std::string upper(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

bool is_null_type(const Json& schema) { return schema.text("type") == "null"; }

class Conversion {
 public:
  explicit Conversion(const Json& root) : root_(root) {}

  std::optional<Json> convert(const Json& schema, int depth) const {
    if (schema.as_object() == nullptr || depth > kDepthMax) return std::nullopt;
    if (const auto ref = schema.text("$ref"); !ref.empty()) return convert(referred(ref), depth + 1);
    Json out = Json::object();
    for (const std::string_view name : kSame)
      if (const Json* value = schema.find(name)) out.set(name, *value);
    if (!schema["anyOf"].is_null()) return with_choices(std::move(out), schema["anyOf"], depth);
    if (schema["type"].as_array() != nullptr) return with_types(std::move(out), schema, depth);
    return with_type(std::move(out), schema, schema.text("type"), depth);
  }

 private:
  const Json& referred(std::string_view ref) const {
    for (const std::string_view where : {"$defs", "definitions"})
      if (const std::string start = "#/" + std::string(where) + "/"; ref.starts_with(start)) return root_[where][ref.substr(start.size())];
    static const Json kNothing;
    return kNothing;
  }

  std::optional<Json> with_choices(Json out, const Json& choices, int depth) const {
    const auto* listed = choices.as_array();
    if (listed == nullptr) return std::nullopt;
    Json kept = Json::array();
    for (const Json& choice : *listed) {
      if (is_null_type(choice)) continue;
      auto converted = convert(choice, depth + 1);
      if (!converted) return std::nullopt;
      kept.push(*std::move(converted));
    }
    const bool nullable = kept.size() < listed->size();
    if (kept.size() == 0) return std::nullopt;
    if (kept.size() > 1) {
      out.set("anyOf", std::move(kept));
    } else {
      for (auto& [name, value] : *kept.as_array()->front().as_object())
        if (out.find(name) == nullptr) out.set(name, std::move(value));
    }
    if (nullable) out.set("nullable", true);
    return out;
  }

  /// ["string", "null"]: one type that may be null; several: a choice of them.
  std::optional<Json> with_types(Json out, const Json& schema, int depth) const {
    Json choices = Json::array();
    for (const Json& type : *schema["type"].as_array()) {
      Json choice = schema;
      choice.set("type", type);
      choice.as_object()->erase(
          std::remove_if(choice.as_object()->begin(), choice.as_object()->end(), [](const Json::Member& m) { return m.first == "description"; }),
          choice.as_object()->end());
      choices.push(std::move(choice));
    }
    return with_choices(std::move(out), choices, depth);
  }

  std::optional<Json> with_type(Json out, const Json& schema, std::string_view type, int depth) const {
    const Json* one = schema.find("const");
    const bool text = type == "string" || (type.empty() && ((one != nullptr && one->as_string() != nullptr) || !schema["enum"].is_null()));
    out.set("type", text ? "STRING" : upper(type));
    if (text) return with_text(std::move(out), schema, one);
    if (type == "object") return with_properties(std::move(out), schema, depth);
    if (type == "array") {
      auto items = convert(schema["items"], depth + 1);
      if (!items) return std::nullopt;
      return std::move(out.set("items", *std::move(items)));
    }
    if (type != "integer" && type != "number" && type != "boolean") return std::nullopt;
    return out;
  }

  std::optional<Json> with_text(Json out, const Json& schema, const Json* one) const {
    Json values = Json::array();
    bool nullable = false;
    if (one != nullptr) values.push(*one);
    if (const auto* listed = schema["enum"].as_array())
      for (const Json& value : *listed) {
        if (value.as_string() != nullptr) values.push(value);
        if (value.is_null()) nullable = true;
      }
    if (values.size() > 0) out.set("format", "enum").set("enum", std::move(values));
    // The only other format of a text that the service knows; with another one it refuses the whole request.
    else if (schema.text("format") == "date-time")
      out.set("format", "date-time");
    if (nullable) out.set("nullable", true);
    return out;
  }

  std::optional<Json> with_properties(Json out, const Json& schema, int depth) const {
    const auto* properties = schema["properties"].as_object();
    if (properties == nullptr || properties->empty()) return std::nullopt;
    Json kept = Json::object();
    Json order = Json::array();
    for (const auto& [name, property] : *properties) {
      auto converted = convert(property, depth + 1);
      if (!converted) return std::nullopt;
      kept.set(name, *std::move(converted));
      order.push(name);
    }
    out.set("properties", std::move(kept));
    if (const Json* required = schema.find("required")) out.set("required", *required);
    return std::move(out.set("propertyOrdering", std::move(order)));
  }

  const Json& root_;
};

}  // namespace

std::optional<Json> response_schema(const Json& schema) { return Conversion(schema).convert(schema, 0); }

}  // namespace sluice::gemini
