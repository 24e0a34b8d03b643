#include "plan/expr.h"

#include <algorithm>
#include <cmath>

#include "base/codec.h"
#include "plan/fn_table.h"
#include "plan/spec.h"

namespace sluice {
namespace plan {

bool Call::operator==(const Call& other) const { return fn == other.fn && args == other.args; }
bool Exists::operator==(const Exists& other) const { return same_query(query, other.query) && on == other.on; }
bool Scalar::operator==(const Scalar& other) const { return same_query(query, other.query); }

std::string_view name_of(Fn fn) { return info_of(fn).name; }
bool is_aggregate(Fn fn) { return info_of(fn).aggregate; }

bool has_aggregate(const Expr& expr) {
  if (const auto* query = std::get_if<Exists>(&expr.node))
    return std::ranges::any_of(query->on, [](const JoinKey& key) { return has_aggregate(key.value); });
  const auto* inner = std::get_if<Call>(&expr.node);
  return inner != nullptr && (is_aggregate(inner->fn) || std::ranges::any_of(inner->args, has_aggregate));
}

Expr column(std::string source, std::string name) { return {ColumnRef{std::move(source), std::move(name)}}; }
Expr integer(std::int64_t value) { return {Literal{TypeKind::integer, value}}; }
Expr text(std::string value) { return {Literal{TypeKind::text, std::move(value)}}; }
Expr date(std::string iso) { return {Literal{TypeKind::date, std::move(iso)}}; }
Expr call(Fn fn, std::vector<Expr> args) { return {Call{fn, std::move(args)}}; }
Expr exists(SpecDraft query, std::vector<JoinKey> on) { return {Exists{std::make_shared<const SpecDraft>(std::move(query)), std::move(on)}}; }
Expr scalar(SpecDraft query) { return {Scalar{std::make_shared<const SpecDraft>(std::move(query))}}; }

namespace {

Error bad_value(std::string what) {
  return {ErrorKind::input, "E0907", std::move(what), "write a constant as {\"value\": 5} or {\"value\": \"2013-01-31\", \"type\": \"date\"}", 0};
}

Json encode_literal(const Literal& literal) {
  Json out = Json::object();
  if (const auto* flag = std::get_if<bool>(&literal.value)) return out.set("value", *flag);
  if (const auto* whole = std::get_if<std::int64_t>(&literal.value)) return out.set("value", *whole);
  if (const auto* real = std::get_if<double>(&literal.value)) return out.set("value", *real).set("type", "floating");
  if (const auto* words = std::get_if<std::string>(&literal.value)) out.set("value", *words);
  if (literal.type != TypeKind::text) out.set("type", enum_name(literal.type));
  return out;
}

Result<Expr> decode_literal(const Json& json) {
  const Json& value = json["value"];
  const std::string_view type = json.text("type");
  if (const bool* flag = value.as_bool(); flag != nullptr && type.empty()) return Expr{Literal{TypeKind::boolean, *flag}};
  if (const auto* whole = value.as_int()) {
    if (type == "floating") return Expr{Literal{TypeKind::floating, static_cast<double>(*whole)}};
    if (type.empty() || type == "integer") return Expr{Literal{TypeKind::integer, *whole}};
  }
  if (const double* real = value.as_double(); real != nullptr && (type.empty() || type == "floating"))
    return Expr{Literal{TypeKind::floating, *real}};
  if (const auto* words = value.as_string()) {
    if (type.empty() || type == "text") return Expr{Literal{TypeKind::text, *words}};
    for (const TypeKind kind : {TypeKind::decimal, TypeKind::date, TypeKind::timestamp})
      if (type == enum_name(kind)) return Expr{Literal{kind, *words}};
  }
  return bad_value("the constant " + json.dump_text() + " is of no known type");
}

Result<Expr> decode_query(const Json& json) {
  if (const Json* query = json.find("scalar")) {
    TRY(auto inner, decode<std::shared_ptr<const SpecDraft>>(*query));
    return Expr{Scalar{std::move(inner)}};
  }
  TRY(auto inner, decode<std::shared_ptr<const SpecDraft>>(json["exists"]));
  TRY(auto on, decode<std::vector<JoinKey>>(json["on"]));
  return Expr{Exists{std::move(inner), std::move(on)}};
}

Result<Expr> decode_at(const Json& json, int depth) {
  if (depth > kExprDepthMax)
    return Error{ErrorKind::input, "E0905", "an expression is nested more than " + std::to_string(kExprDepthMax) + " levels deep",
                 "name its parts under \"derived\"", 0};
  if (const auto* name = json["column"].as_string()) return column(std::string(json.text("source")), *name);
  if (json.find("value") != nullptr) return decode_literal(json);
  if (json.find("exists") != nullptr || json.find("scalar") != nullptr) return decode_query(json);
  const auto* fn_name = json["call"].as_string();
  if (fn_name == nullptr) return codec_error("an expression: an object with \"column\", \"value\", \"call\", \"exists\" or \"scalar\"", json);
  const auto functions = all_functions();
  const auto info = std::ranges::find(functions, std::string_view(*fn_name), &FnInfo::name);
  if (info == functions.end()) return codec_error("the name of a known function after \"call\"", Json(*fn_name));
  Call out{info->fn, {}};
  if (const Json* args = json.find("args")) {
    if (args->as_array() == nullptr) return codec_error("an array after \"args\"", *args);
    for (const Json& arg : *args->as_array()) {
      TRY(Expr value, decode_at(arg, depth + 1));
      out.args.push_back(std::move(value));
    }
  }
  return Expr{std::move(out)};
}

}  // namespace
}  // namespace plan

Json Codec<plan::Expr>::encode(const plan::Expr& expr) {
  Json out = Json::object();
  if (const auto* column = std::get_if<plan::ColumnRef>(&expr.node)) {
    out.set("column", column->column);
    if (!column->source.empty()) out.set("source", column->source);
    return out;
  }
  if (const auto* literal = std::get_if<plan::Literal>(&expr.node)) return plan::encode_literal(*literal);
  if (const auto* exists = std::get_if<plan::Exists>(&expr.node))
    return out.set("exists", sluice::encode(exists->query)).set("on", sluice::encode(exists->on));
  if (const auto* scalar = std::get_if<plan::Scalar>(&expr.node)) return out.set("scalar", sluice::encode(scalar->query));
  const auto& call = std::get<plan::Call>(expr.node);
  out.set("call", plan::name_of(call.fn));
  if (!call.args.empty()) out.set("args", sluice::encode(call.args));
  return out;
}

Result<plan::Expr> Codec<plan::Expr>::decode(const Json& json) { return plan::decode_at(json, 0); }

}  // namespace sluice
