#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/duckdb_tree.h"

namespace sluice {
namespace {

bool any_of(std::string_view id, std::initializer_list<std::string_view> ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

/// 15 with scale 1 → "1.5".
std::string decimal_text(std::int64_t scaled, std::size_t scale) {
  std::string text = std::to_string(scaled);
  const bool negative = text.starts_with('-');
  std::string digits = text.substr(negative ? 1 : 0);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return (negative ? "-" : "") + digits;
}

}  // namespace

std::string duckdb_quoted(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), plain) && (name[0] < '0' || name[0] > '9')) return std::string(name);
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// Numbers beyond 64 bits come in halves that JSON can't hold; the text has their digits.
Result<std::string> DuckdbTree::number_at(int location) {
  const auto unclear = [&] { return refuse(StatementClass::other, "a number whose value is unclear"); };
  if (location < 0 || static_cast<std::size_t>(location) >= sql_.size()) return unclear();
  std::string_view rest = sql_.substr(static_cast<std::size_t>(location));
  std::string out;
  if (rest.front() == '-') {
    out = "-";
    rest = trim(rest.substr(1));
  }
  for (const char c : rest) {
    if (c == '_') continue;
    if ((c < '0' || c > '9') && c != '.') break;
    out += c;
  }
  if (out.empty() || out == "-") return unclear();
  return out;
}

Result<Expr> DuckdbTree::constant(const Json& node) {
  TRY_VOID(known(node, "CONSTANT", {"class", "type", "alias", "query_location", "value"}));
  return value(node["value"], duckdb_location(node));
}

Result<Expr> DuckdbTree::value(const Json& value, int location) {
  TRY_VOID(known(value, "CONSTANT", {"type", "is_null", "value"}));
  Expr out;
  out.location = location;
  const std::string_view id = value["type"].text("id");
  const Json& content = value["value"];
  if (value.flag("is_null")) {
    if (id != "NULL") return refuse(StatementClass::other, "a constant that Sluice does not know (" + std::string(id) + ")");
    out.literal = LiteralKind::null;
    out.text = "null";
    return out;
  }
  // An open end of a slice is an empty list that stands nowhere; [] that somebody wrote is a call.
  if (id == "LIST" && location < 0 && content.find("children") != nullptr && content.size() == 1 && content["children"].size() == 0) return out;
  if (any_of(id, {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT"})) {
    out.literal = LiteralKind::integer;
    if (const auto* number = content.as_int()) {
      out.text = std::to_string(*number);
    } else {
      TRY(out.text, number_at(location));
    }
  } else if (id == "DECIMAL") {
    out.literal = LiteralKind::decimal;
    const std::int64_t scale = value["type"]["type_info"].integer("scale");
    if (scale < 0 || scale > 38) return refuse(StatementClass::other, "a constant that Sluice does not know (DECIMAL)");
    if (const auto* number = content.as_int()) {
      out.text = decimal_text(*number, static_cast<std::size_t>(scale));
    } else {
      TRY(out.text, number_at(location));
    }
  } else if (any_of(id, {"DOUBLE", "FLOAT"})) {
    out.literal = LiteralKind::decimal;
    if (const auto* number = content.as_double()) {
      out.text = number_text(*number);
    } else if (const auto* whole = content.as_int()) {
      out.text = std::to_string(*whole) + ".0";
    } else {
      return refuse(StatementClass::other, "a number whose value is unclear");
    }
  } else if (id == "VARCHAR" && content.as_string() != nullptr) {
    out.literal = LiteralKind::text;
    out.text = *content.as_string();
  } else if (id == "BOOLEAN" && content.as_bool() != nullptr) {
    out.literal = LiteralKind::boolean;
    out.text = *content.as_bool() ? "true" : "false";
  } else {
    return refuse(StatementClass::other, "a constant that Sluice does not know (" + std::string(id) + ")");
  }
  return out;
}

Result<std::string> DuckdbTree::composite_type(std::string_view id, const Json& info) {
  if (id == "LIST") {
    TRY_VOID(known(info, "LIST", {"type", "child_type"}));
    TRY(std::string item, type_name(info["child_type"]));
    return item + "[]";
  }
  if (id == "ARRAY") {
    TRY_VOID(known(info, "ARRAY", {"type", "child_type", "size"}));
    TRY(std::string item, type_name(info["child_type"]));
    return item + "[" + std::to_string(info.integer("size")) + "]";
  }
  if (id == "MAP") {
    TRY_VOID(known(info, "MAP", {"type", "child_type"}));
    const auto* pair = info["child_type"]["type_info"]["child_types"].as_array();
    if (pair == nullptr || pair->size() != 2) return refuse(StatementClass::other, "a type that Sluice does not know (MAP)");
    TRY(std::string key, type_name((*pair)[0]["second"]));
    TRY(std::string item, type_name((*pair)[1]["second"]));
    return "MAP(" + key + ", " + item + ")";
  }
  TRY_VOID(known(info, id, {"type", "child_types"}));
  const auto* fields = info["child_types"].as_array();
  if (fields == nullptr) return refuse(StatementClass::other, "a type that Sluice does not know (" + std::string(id) + ")");
  std::string out = std::string(id) + "(";
  bool first = true;
  for (const Json& field : *fields) {
    // A UNION's first field is its hidden tag.
    if (id == "UNION" && field.text("first").empty()) continue;
    TRY(std::string type, type_name(field["second"]));
    out += (first ? "" : ", ") + duckdb_quoted(field.text("first")) + " " + type;
    first = false;
  }
  return out + ")";
}

Result<std::string> DuckdbTree::type_name(const Json& type) {
  const Level level(*this);
  if (!level.ok()) return refuse(StatementClass::other, "a type that nests too deeply");
  TRY_VOID(known(type, "TYPE", {"id", "type_info"}));
  const std::string_view id = type.text("id");
  const Json& info = type["type_info"];
  if (any_of(id, {"LIST", "ARRAY", "MAP", "STRUCT", "UNION"})) return composite_type(id, info);
  if (id == "DECIMAL" && !info.is_null()) {
    TRY_VOID(known(info, id, {"type", "width", "scale"}));
    return "DECIMAL(" + std::to_string(info.integer("width")) + ", " + std::to_string(info.integer("scale")) + ")";
  }
  if (id == "UNBOUND") {
    TRY_VOID(known(info, id, {"type", "name", "catalog", "schema", "user_type_modifiers"}));
    std::string out;
    for (const char* part : {"catalog", "schema", "name"})
      if (const std::string_view text = info.text(part); !text.empty()) out += (out.empty() ? "" : ".") + duckdb_quoted(text);
    const auto* modifiers = info["user_type_modifiers"].as_array();
    if (modifiers == nullptr || modifiers->empty()) return out;
    for (const Json& modifier : *modifiers) {
      TRY(Expr item, value(modifier, -1));
      out += (&modifier == &modifiers->front() ? "(" : ", ") + (item.literal == LiteralKind::text ? "'" + item.text + "'" : item.text);
    }
    return out + ")";
  }
  if (id.empty() || !is_empty(info)) return refuse(StatementClass::other, "a type that Sluice does not know (" + std::string(id) + ")");
  return std::string(id);
}

}  // namespace sluice
